import { failed, passed, type Finding } from '../catalog/finding.ts'
import type { Job, Step, Workflow } from './workflow-file.ts'

const NAME = 'prune after backup'

/** Whether every prune waits for the backups of its workflow, and goes on only where they succeeded. */
export function judgeOrder(files: readonly Workflow[]): Finding[] {
  return files.flatMap((file) => [...failuresIgnored(file), ...pruning(file)])
}

function pruning(file: Workflow): Finding[] {
  const backing = file.jobs.filter(({ steps }) => steps.some(isCommand('backup')))
  return file.jobs.flatMap((job) =>
    job.steps.filter(isCommand('prune')).map((step) => {
      const where = `${file.path}, job ${job.id}`
      const anyway = [job.condition, step.condition].find((condition) =>
        /always\(\)|failure\(\)|cancelled\(\)/.test(condition),
      )
      if (anyway !== undefined) {
        return failed(
          NAME,
          `${where}: it prunes also where something before it failed (if: ${anyway}).`,
          'Remove the condition: old backups go only after a new one has come.',
        )
      }
      const early = backing.filter((each) => !comesAfter(file, job, step, each))
      if (early.length > 0) {
        return failed(
          NAME,
          `${where}: it prunes without waiting for the backup (job ${early.map(({ id }) => id).join(', ')}).`,
          `Put it behind the backup in the same job, or give its job needs: ${early.map(({ id }) => id).join(', ')}.`,
        )
      }
      return passed(
        NAME,
        `${where}: ${backing.length > 0 ? 'it waits for the backup.' : "a workflow of its own; prune's guards hold."}`,
      )
    }),
  )
}

function comesAfter(file: Workflow, job: Job, step: Step, backup: Job): boolean {
  if (backup === job) {
    const at = job.steps.indexOf(step)
    return job.steps.every((each, index) => !isCommand('backup')(each) || index < at)
  }
  return waitsFor(file, job, backup.id, new Set())
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

/** A step that may fail leaves its job green: what comes after it goes on as if all were well. */
function failuresIgnored({ path, jobs }: Workflow): Finding[] {
  return jobs.flatMap(({ id, steps }) =>
    steps
      .filter(
        (step) => step.continueOnError && (isCommand('backup')(step) || isCommand('restore-verify')(step)),
      )
      .map(({ command }) =>
        failed(
          'failures are red',
          `${path}, job ${id}: ${command ?? ''} has continue-on-error, so its failure is green.`,
          'Remove continue-on-error.',
        ),
      ),
  )
}

function isCommand(name: string): (step: Step) => boolean {
  return ({ command }) => command === name
}
