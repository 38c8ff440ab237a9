import { advice, failed, notChecked, passed, type Finding } from '../catalog/finding.ts'
import { runs } from './workflow-calls.ts'
import { isOnTheHour, isSchedule } from './workflow-cron.ts'
import type { Workflow } from './workflow-file.ts'

const NAME = 'schedule of backup'

/** Whether something makes backups by itself, directly or by a workflow that it calls. */
export function judgeSchedule(files: readonly Workflow[]): Finding[] {
  const backing = files.filter((file) => runs(file, 'backup', files))
  if (backing.length === 0) return [withoutBackup(files)]
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

function withoutBackup(files: readonly Workflow[]): Finding {
  const chosen = files.filter(({ jobs }) =>
    jobs.some(({ steps }) => steps.some(({ command }) => command?.includes('${{'))),
  )
  if (chosen.length > 0) {
    return notChecked(
      NAME,
      `${chosen.map(({ path }) => path).join(', ')}: which command runs there is decided when it runs.`,
      'Look yourself whether a schedule leads to command: backup, or write the command out.',
    )
  }
  return failed(
    NAME,
    'no workflow here has a step with command: backup.',
    'Add one: the README begins with it.',
  )
}

function judgeCron(path: string, cron: string): Finding {
  if (!isSchedule(cron)) {
    return failed(
      NAME,
      `${path}: "${cron}" is no schedule.`,
      "It has five fields: '17 2 * * *' is 02:17 UTC every day.",
    )
  }
  if (isOnTheHour(cron)) {
    return advice(
      NAME,
      `${path}: "${cron}" begins on the hour, when everybody's schedules do.`,
      'GitHub delays and drops runs then: choose an odd minute.',
    )
  }
  return passed(NAME, `${path}: "${cron}" (UTC).`)
}
