import type { BackupOutcome } from './commands/backup.ts'
import { LifeboatError } from './errors.ts'
import { backupOutputs } from './report/backup-outputs.ts'
import type { BackupReport } from './report/backup-report.ts'
import { backupSummary } from './report/backup-summary.ts'
import { failureSentence } from './report/failure.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import type { ObjectStore } from './storage/object-store.ts'

/**
 * Outputs and summary of a step that made backups. Throws what failed, so that the step is red: the failure itself,
 * or `incomplete` with all of them where there was more than one database.
 */
export async function reportBackups(
  outcomes: readonly BackupOutcome[],
  { store, reporter }: { store: ObjectStore; reporter: Reporter },
): Promise<void> {
  const reports = outcomes.flatMap(({ committed }): BackupReport[] =>
    committed
      ? [
          {
            manifest: committed.manifest,
            folder: committed.folder,
            store: store.description,
            largest: committed.largest,
            warnings: committed.findings.map(({ text }) => text),
          },
        ]
      : [],
  )
  const failures = outcomes.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]))
  for (const [name, value] of Object.entries(backupOutputs(reports))) reporter.output(name, value)
  const told = failures.map(({ name, error }) => ({ name, reason: failureSentence(error) }))
  await reporter.summary(renderSummary(backupSummary(reports, told), { redact: reporter.redact }))

  const [first] = failures
  if (!first) return
  if (outcomes.length === 1) throw first.error
  const names = failures.map(({ name }) => `"${name}"`).join(', ')
  throw new LifeboatError(
    'incomplete',
    `${failures.length} of ${outcomes.length} databases were not backed up: ${names}.`,
    {
      hint: 'The reason of each stands below. The others are backed up.',
      cause: new AggregateError(
        failures.map(({ error }) => error),
        'what failed',
      ),
    },
  )
}
