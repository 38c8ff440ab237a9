import { systemClock } from './catalog/ports.ts'
import { faultOf } from './catalog/verification.ts'
import { verifyForeign } from './commands/verify-foreign.ts'
import { LifeboatError } from './errors.ts'
import type { MeilisearchVerifyRequest } from './inputs/request.ts'
import { failureSentence } from './report/failure.ts'
import { foreignSummary } from './report/foreign-report.ts'
import { renderSummary } from './report/summary.ts'
import { uploadJournal } from './report/upload-journal.ts'
import type { Reporter } from './report/reporter.ts'
import { verificationOutputs } from './report/verification-outputs.ts'
import { failedRung, findingLines, type ForeignReport } from './report/verification-report.ts'
import { meilisearchProverFor } from './wire-meilisearch.ts'
import { openStore, type Run } from './wiring.ts'

/** `command: restore-verify` of a dump of search that has no manifest. Throws what makes the step red. */
export async function runVerifyForeign(
  request: MeilisearchVerifyRequest & { readonly key: string },
  { reporter, signal, surroundings: { temporary } }: Run,
): Promise<void> {
  const store = await openStore(request.store, { journal: uploadJournal(reporter), signal, limits: request })
  try {
    const { key, identities, stallMs, targets } = request
    const outcome = await verifyForeign(
      { key, identities, stallMs, rtoMs: targets.rto },
      {
        store,
        prover: meilisearchProverFor(request),
        log: reporter.log,
        clock: systemClock,
        signal,
        temporary,
      },
    )
    await report({ ...outcome, store: store.description }, reporter)
  } finally {
    store.close()
  }
}

async function report(told: ForeignReport, reporter: Reporter): Promise<void> {
  const { key, failure } = told
  for (const [name, value] of Object.entries(verificationOutputs(told))) reporter.output(name, value)
  await reporter.summary(renderSummary(foreignSummary(told), { redact: reporter.redact }))
  if (failure !== undefined)
    throw failure instanceof Error ? failure : new Error(failureSentence(failure), { cause: failure })
  const failed = failedRung(told)
  if (failed) {
    throw new LifeboatError(
      faultOf(told.rungs) === 'restore' ? 'unrestorable' : 'damaged',
      [`${key} fails at the rung "${failed.rung}": ${failed.summary}`, ...findingLines(failed)].join('\n'),
      {
        hint:
          faultOf(told.rungs) === 'restore'
            ? (failed.notes ?? []).join(' ') || 'The bytes are whole: look at what is named.'
            : 'Do not count on this archive. Look for another one, or make a backup now.',
      },
    )
  }
  reporter.log.warning(
    'NOT VERIFIED: what could be measured holds, but the archive has no manifest to compare it with.',
  )
}
