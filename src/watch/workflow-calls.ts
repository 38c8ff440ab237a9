import type { Job, Step, Workflow } from './workflow-file.ts'

/** Lifeboat's own workflow for others to call, in whatever repository it stands: it backs up, and prunes after that. */
const OURS = /\/\.github\/workflows\/reusable-db-backup\.ya?ml@/
const WHAT_OURS_DOES = ['backup', 'restore-verify', 'prune', 'check']

export function callsOurs({ uses }: Job): boolean {
  return OURS.test(uses ?? '')
}

/** `uses: ./.github/workflows/backup.yml`: the path of a workflow of the same repository. */
export function localCall({ uses }: Job): string | undefined {
  return uses?.startsWith('./') ? uses.slice(2) : undefined
}

/** The workflow of the same repository that a job calls. */
export function calledBy(job: Job, files: readonly Workflow[]): Workflow | undefined {
  const path = localCall(job)
  return path === undefined ? undefined : files.find((file) => file.path === path)
}

/** Whether a job runs a command of Lifeboat's, in a step of its own or in a workflow that it calls. */
export function does(job: Job, command: string, files: readonly Workflow[]): boolean {
  return (
    job.steps.some(isCommand(command)) ||
    (callsOurs(job) && WHAT_OURS_DOES.includes(command)) ||
    runsIn(calledBy(job, files), command, files)
  )
}

/** Whether a workflow runs a command, itself or in one that it calls. */
export function runs(file: Workflow, command: string, files: readonly Workflow[]): boolean {
  return file.jobs.some((job) => does(job, command, files))
}

function runsIn(called: Workflow | undefined, command: string, files: readonly Workflow[]): boolean {
  if (!called) return false
  // Without it: a workflow that calls itself, which GitHub refuses to run, would be asked for ever.
  const others = files.filter((file) => file !== called)
  return runs(called, command, others)
}

export function isCommand(name: string): (step: Step) => boolean {
  return ({ command }) => command === name
}
