import { backup, type BackupOutcome } from './commands/backup.ts'
import { LifeboatError } from './errors.ts'
import { backupOutputs } from './report/backup-outputs.ts'
import type { BackupReport } from './report/backup-report.ts'
import { backupSummary } from './report/backup-summary.ts'
import { failureSentence } from './report/failure.ts'
import type { BackupRequest } from './inputs/request.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import { downloadLine } from './storage/download-line.ts'
import type { ObjectStore } from './storage/object-store.ts'
import { backupSettings, backupSurroundings, openStore, sourcesOf, type Run } from './wiring.ts'

/** `command: backup`: wire → back up → report. Throws what failed. */
export async function runBackup(request: BackupRequest, run: Run): Promise<void> {
  const { reporter, signal } = run
  const store = await openStore(request.store, {
    journal: uploadJournal(reporter),
    signal,
    limits: request.limits,
  })
  try {
    const sources = await sourcesOf(request, run)
    const outcomes = await backup(sources, backupSettings(request), backupSurroundings(store, run))
    await report(outcomes, { request, store, reporter })
  } finally {
    store.close()
  }
}

/**
 * Outputs and summary of a step that made backups. Throws what failed, so that the step is red: the failure itself,
 * or `incomplete` with all of them where there was more than one database.
 */
async function report(
  outcomes: readonly BackupOutcome[],
  { request, store, reporter }: { request: BackupRequest; store: ObjectStore; reporter: Reporter },
): Promise<void> {
  const reports = outcomes.flatMap(({ committed }): BackupReport[] =>
    committed
      ? [
          {
            manifest: committed.manifest,
            folder: committed.folder,
            store: store.description,
            download: downloadLine(request.store, committed.folder),
            largest: committed.largest,
            waits: committed.waits,
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
  if (outcomes.length === 1) throw asError(first.error)
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

/** Whatever was thrown, as an error that can be thrown on. */
function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}
