import { failed, passed, type Finding } from '../catalog/finding.ts'
import { does, isCommand } from './workflow-calls.ts'
import type { Job, Step, Workflow } from './workflow-file.ts'

const NAME = 'prune after backup'

/** Whether every prune waits for the backups of its workflow, and goes on only where they succeeded. */
export function judgeOrder(files: readonly Workflow[]): Finding[] {
  return files.flatMap((file) => [...failuresIgnored(file, files), ...pruning(file, files)])
}

function pruning(file: Workflow, files: readonly Workflow[]): Finding[] {
  const backing = file.jobs.filter((job) => does(job, 'backup', files))
  return file.jobs.flatMap((job) => {
    const steps = job.steps.filter(isCommand('prune'))
    if (steps.length > 0) {
      return steps.map((step) =>
        judgePrune(file, { job, step, backing: backing.filter((each) => isOfSource(each, sourceOf(step))) }),
      )
    }
    return does(job, 'prune', files) ? [judgePrune(file, { job, backing })] : []
  })
}

/** Search may be backed up and pruned apart from the database. A job that calls a workflow may back up anything. */
function isOfSource({ steps }: Job, source: string): boolean {
  const backups = steps.filter(isCommand('backup'))
  return backups.length === 0 || backups.some((step) => sourceOf(step) === source)
}

function sourceOf({ inputs }: Step): string {
  return inputs['source'] ?? 'postgres'
}

/** `step` is absent where the job calls a workflow that prunes. */
function judgePrune(
  file: Workflow,
  { job, step, backing }: { readonly job: Job; readonly step?: Step; readonly backing: readonly Job[] },
): Finding {
  const where = `${file.path}, job ${job.id}`
  const anyway = [job.condition, step?.condition ?? ''].find(runsAnyway)
  if (anyway !== undefined) {
    return failed(
      NAME,
      `${where}: it prunes also where something before it failed (if: ${anyway}).`,
      "Remove the condition, or add && needs.<job>.result == 'success': old backups go only after a new one has come.",
    )
  }
  const early = backing.filter((each) => !comesAfter(file, { job, step }, each))
  if (early.length > 0) {
    const ids = early.map(({ id }) => id).join(', ')
    return failed(
      NAME,
      `${where}: it prunes without waiting for the backup (job ${ids}).`,
      `Put it behind the backup in the same job, or give its job needs: ${ids}.`,
    )
  }
  return passed(
    NAME,
    `${where}: ${backing.length > 0 ? 'it waits for the backup.' : "a workflow of its own; prune's guards hold."}`,
  )
}

/** Whether a condition holds also where what comes before has failed, and does not ask whether that succeeded. */
function runsAnyway(condition: string): boolean {
  const status = String.raw`!?\b(?:always|failure|cancelled)\(\)`
  if (!new RegExp(status).test(condition)) return false
  const alone = new RegExp(String.raw`${status}\s*\|\||\|\|\s*${status}`).test(condition)
  return alone || !/\b(?:needs|steps)\b[^=&|]*\.(?:result|outcome)\s*==\s*'success'/.test(condition)
}

function comesAfter(
  file: Workflow,
  { job, step }: { readonly job: Job; readonly step: Step | undefined },
  backup: Job,
): boolean {
  if (backup !== job) return waitsFor(file, job, backup.id, new Set())
  // Both are in a workflow that the job calls, where they are looked at.
  if (!step) return true
  const at = job.steps.indexOf(step)
  return job.steps.every(
    (each, index) => !isCommand('backup')(each) || sourceOf(each) !== sourceOf(step) || index < at,
  )
}

function waitsFor(file: Workflow, { needs }: Job, id: string, seen: Set<string>): boolean {
  return needs.some((each) => {
    if (each === id) return true
    const job = file.jobs.find((other) => other.id === each)
    if (!job || seen.has(each)) return false
    seen.add(each)
    return waitsFor(file, job, id, seen)
  })
}

/** A job or step that may fail is green: what comes after it goes on as if all were well. */
function failuresIgnored({ path, jobs }: Workflow, files: readonly Workflow[]): Finding[] {
  return jobs.flatMap((job) =>
    ['backup', 'restore-verify'].flatMap((command) => {
      const ignored =
        (job.continueOnError && does(job, command, files)) ||
        job.steps.some((step) => step.continueOnError && isCommand(command)(step))
      if (!ignored) return []
      return [
        failed(
          'failures are red',
          `${path}, job ${job.id}: ${command} has continue-on-error, so its failure is green.`,
          'Remove continue-on-error.',
        ),
      ]
    }),
  )
}
