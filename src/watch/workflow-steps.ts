import { advice, failed, type Finding } from '../catalog/finding.ts'
import { localCall } from './workflow-calls.ts'
import type { Job, Step, Workflow } from './workflow-file.ts'

/** Steps that cannot do what they seem to: an action that is not there, a pipe that hides a failure. */
export function judgeSteps(files: readonly Workflow[], commands: readonly string[]): Finding[] {
  return files.flatMap((file) =>
    file.jobs.flatMap((job) => [
      ...localActions(file, job, { files, commands }),
      ...hiddenFailures(file, job),
    ]),
  )
}

const LOCAL = 'uses: ./'

function localActions(
  { path, called }: Workflow,
  { id, steps }: Job,
  { files, commands }: { readonly files: readonly Workflow[]; readonly commands: readonly string[] },
): Finding[] {
  const isCalledHere = files.some(({ jobs }) => jobs.some((job) => localCall(job) === path))
  return steps.flatMap((step, index) => {
    if (!/^\.\/?/.test(step.uses) || !commands.includes(step.command ?? '')) return []
    const where = `${path}, job ${id}: uses: ${step.uses}`
    if (called && !isCalledHere) {
      return [
        failed(
          LOCAL,
          `${where} in a workflow that others call means the caller's files, not this repository's.`,
          'Write uses: <owner>/<repository>@<tag>.',
        ),
      ]
    }
    if (steps.slice(0, index).some(({ uses }) => /^actions\/checkout@/.test(uses))) {
      return called
        ? [
            advice(
              LOCAL,
              `${where} works as long as only this repository calls it: it means the caller's files.`,
              'Write uses: <owner>/<repository>@<tag>, so that others can call it, too.',
            ),
          ]
        : []
    }
    return [
      failed(
        LOCAL,
        `${where} needs the repository's files, and no step before it brings them.`,
        'Put actions/checkout before it, or write uses: <owner>/<repository>@<tag>.',
      ),
    ]
  })
}

function hiddenFailures({ path, shell }: Workflow, job: Job): Finding[] {
  return job.steps
    .filter((step) => hidesFailure(step, step.shell ?? job.shell ?? shell))
    .map(() =>
      failed(
        'pipes fail',
        `${path}, job ${job.id}: pg_dump in a pipe of a run: step, whose failure nobody sees.`,
        'GitHub runs it without pipefail: write shell: bash, or set -o pipefail as its first line. Or use command: backup.',
      ),
    )
}

/** Only `bash` that is named gets `-o pipefail` from GitHub. */
function hidesFailure({ run }: Step, shell: string | undefined): boolean {
  if (shell === 'bash' || /pipefail/.test(`${run} ${shell ?? ''}`)) return false
  const lines = run.replace(/\\\n/g, ' ').split('\n')
  return lines.some((line) => /^(?!\s*#).*\bpg_dump(all)?\b[^#|]*(?<!\|)\|(?!\|)/.test(line))
}
