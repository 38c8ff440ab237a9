import { advice, failed, passed, type Finding } from '../catalog/finding.ts'
import type { Workflow } from './workflow-file.ts'

const NAME = 'schedule of backup'

/** Whether something makes backups by itself, directly or by a workflow that it calls. */
export function judgeSchedule(files: readonly Workflow[]): Finding[] {
  const backing = files.filter((file) => runs(file, 'backup', files))
  if (backing.length === 0) {
    return [
      failed(
        NAME,
        'no workflow here has a step with command: backup.',
        'Add one: the README begins with it.',
      ),
    ]
  }
  const scheduled = backing.filter(({ crons }) => crons.length > 0)
  if (scheduled.length === 0) {
    const where = backing.map(({ path }) => path).join(', ')
    return [
      failed(
        NAME,
        `${where}: it makes backups, and nothing starts it.`,
        "Add on: schedule: [{ cron: '17 2 * * *' }] to it.",
      ),
    ]
  }
  return scheduled.flatMap(({ path, crons }) => crons.map((cron) => judgeCron(path, cron)))
}

/** Whether a workflow runs a command, itself or in one that it calls in the same repository. */
export function runs(file: Workflow, command: string, files: readonly Workflow[]): boolean {
  return file.jobs.some(
    ({ steps, uses }) =>
      steps.some((step) => step.command === command) ||
      files.some((other) => other !== file && calls(uses, other) && runs(other, command, files)),
  )
}

/** `./.github/workflows/backup.yml` */
export function calls(uses: string | undefined, { path }: Workflow): boolean {
  return uses !== undefined && uses.startsWith('./') && uses.slice(2) === path
}

function judgeCron(path: string, cron: string): Finding {
  const fields = cron.trim().split(/\s+/)
  if (fields.length !== 5 || fields.some((field) => !/^[\dA-Za-z*,/-]+$/.test(field))) {
    return failed(
      NAME,
      `${path}: "${cron}" is no schedule.`,
      "It has five fields: '17 2 * * *' is 02:17 UTC every day.",
    )
  }
  if (fields[0] === '0') {
    return advice(
      NAME,
      `${path}: "${cron}" is exactly on the hour, when everybody's schedules begin.`,
      'GitHub delays and drops runs then: choose an odd minute.',
    )
  }
  return passed(NAME, `${path}: "${cron}" (UTC).`)
}
