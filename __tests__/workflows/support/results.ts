import type { JobRun } from './act-log.ts'
import type { ActResult } from './act.ts'

/** How each job ended, by its id; a leg of a matrix is `id (leg)`. One that was skipped is not in it. */
export function results({ jobs }: Pick<ActResult, 'jobs'>): Record<string, string> {
  return Object.fromEntries(jobs.map((job) => [legName(job), job.result]))
}

/** The job that is called so, as in `results`. Throws, with the log, where it did not run. */
export function jobOf({ jobs, log }: ActResult, name: string): JobRun {
  const found = jobs.find((job) => legName(job) === name)
  if (!found) throw new Error(`The job ${name} did not run:\n${log}`)
  return found
}

function legName({ id, matrix }: Pick<JobRun, 'id' | 'matrix'>): string {
  const leg = Object.values(matrix).map(String).join(', ')
  return leg === '' ? id : `${id} (${leg})`
}
