import { availableParallelism } from 'node:os'
import { systemClock } from './catalog/ports.ts'
import type { Restorer } from './catalog/restorer.ts'
import { restore } from './commands/restore.ts'
import { LifeboatError } from './errors.ts'
import type { PostgresRestoreRequest, RestoreRequest } from './inputs/request.ts'
import { postgresRestorer } from './postgres/restorer.ts'
import { plural } from './report/format.ts'
import { restoreOutputs, restoreSummary, type RestoreReport } from './report/restore-report.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import type { Reporter } from './report/reporter.ts'
import { meilisearchRestorerFor } from './wire-meilisearch.ts'
import { openStore, toolSearch, type Run } from './wiring.ts'

/** Neither bytes nor work for so long is a failure. */
const STALL_MS = 600_000
/** More than this helps no server that others use too. */
const MOST_JOBS = 8

/** `command: restore`: wire → restore → report. Throws what is not as it was: then the data is in place, and the step red. */
export async function runRestore(request: RestoreRequest, run: Run): Promise<void> {
  const { reporter, signal, surroundings } = run
  const { temporary } = surroundings
  const store = await openStore(request.store, { journal: uploadJournal(reporter), signal })
  try {
    const { prefix, what, identities } = request
    const settings = { prefix, what, identities, stallMs: STALL_MS }
    const around = { store, log: reporter.log, clock: systemClock, signal, temporary }
    const { manifest, outcome, seconds } = await restore(settings, restorerFor(request, run), around)
    const key = what.kind === 'key' ? what.key : undefined
    const { source } = request
    await report({ store: store.description, source, manifest, key, outcome, seconds }, reporter)
  } finally {
    store.close()
  }
}

function restorerFor(request: RestoreRequest, run: Run): Restorer {
  return request.source === 'postgres' ? postgres(request, run) : meilisearchRestorerFor(request)
}

function postgres({ target, clean, only, pgBinDir }: PostgresRestoreRequest, run: Run): Restorer {
  const { temporary } = run.surroundings
  return postgresRestorer({
    target,
    clean,
    only,
    temporary,
    jobs: Math.min(MOST_JOBS, availableParallelism()),
    stallMs: STALL_MS,
    tools: toolSearch({ pgBinDir }, run),
  })
}

/** How many things a failure names; the summary has all. */
const SHOWN = 10

async function report(content: RestoreReport, reporter: Reporter): Promise<void> {
  const { manifest, outcome } = content
  const { log } = reporter
  if (manifest) {
    reporter.output('backup-id', manifest.id)
    reporter.output('name', manifest.name)
    reporter.output('snapshot-time', manifest.snapshot.time)
  }
  for (const [name, value] of Object.entries(restoreOutputs(content))) reporter.output(name, value)
  log.info(`Fingerprint: ${outcome.comparison.summary}`)
  for (const { what, expected, found } of outcome.comparison.findings.slice(0, 50))
    log.info(`  ${what}: expected ${expected}, found ${found}`)
  for (const key of outcome.notValid)
    log.warning(`${key}: its rows break it. It was added NOT VALID: it holds for new rows.`)
  for (const note of outcome.notes) log.notice(note)
  if (outcome.previous !== undefined)
    log.notice(`The old database is now "${outcome.previous}"; drop it when nobody needs it.`)
  await reporter.summary(renderSummary(restoreSummary(content), { redact: reporter.redact }))
  const failure = failureOf(outcome)
  if (failure) throw failure
}

function failureOf({
  database,
  failures,
  notValid,
  comparison,
  cutOver,
}: RestoreReport['outcome']): LifeboatError | undefined {
  const sentences = [
    ...(failures.length > 0 ? [`${plural(failures.length, 'thing')} could not be restored`] : []),
    ...(notValid.length > 0
      ? [`${plural(notValid.length, 'key')}, added NOT VALID, did not hold for the rows`]
      : []),
    ...(comparison.outcome === 'different'
      ? [`it is not what the snapshot held: ${plural(comparison.findings.length, 'difference')}`]
      : []),
  ]
  if (sentences.length === 0) return undefined
  const lines = [
    ...failures.slice(0, SHOWN).map(({ what, reason }) => `${what}: ${reason}`),
    ...notValid.slice(0, SHOWN),
    ...comparison.findings
      .slice(0, SHOWN)
      .map(({ what, expected, found }) => `${what}: expected ${expected}, found ${found}`),
  ]
  return new LifeboatError(
    'incomplete',
    [`The data is in "${database}", but: ${sentences.join('; ')}.`, ...lines].join('\n'),
    {
      hint:
        cutOver.length > 0
          ? `Decide whether it is good enough. To put it in the place of the old one, in the database postgres: ${cutOver.join(' ')}`
          : 'Nothing was rolled back. Decide whether it is good enough; the summary has everything.',
    },
  )
}
