import { randomBytes } from 'node:crypto'
import type { AfterRun } from './after-run.ts'
import { AUDIT_FORMAT, auditKey, renderAudit } from './catalog/audit.ts'
import type { Outcome } from './catalog/outcome.ts'
import type { Request, StoreRequest } from './inputs/request.ts'
import { VERSION } from './version.ts'
import { openStore } from './wiring.ts'

/** Commands that change something, here or elsewhere. */
const AUDITED: readonly string[] = [
  'backup',
  'restore-verify',
  'restore',
  'prune',
  'lifecycle',
  'replicate',
  'drill',
  'reindex',
]

/** Whether this run has its record: a step that is killed while others are told must not get a second one. */
const STATE = 'audited'

/** A list that is longer (of a server with thousands of databases) is in the run's own outputs. */
const LONGEST_FIGURE = 20_000

/**
 * Writes one record of the run into the audit trail, whatever its result. Nothing is recorded of a dry run, nor where the
 * inputs could not be read: then nothing was touched, and nobody knows which store.
 */
export const auditRecord: AfterRun = {
  what: 'The record in the audit trail',
  async run({ outcome, request, reporter, signal }) {
    const place = request && isAudited(request) ? placeOf(request) : undefined
    if (place === undefined || reporter.state(STATE) !== '') return
    const finished = new Date(outcome.started.getTime() + Math.round(outcome.seconds * 1000))
    const { command, result } = outcome
    const key = auditKey(place.prefix, { time: finished, command, result }, randomBytes(3).toString('hex'))
    const content = contentOf(outcome, finished)
    // A record is a single request: there is no upload to be remembered.
    const journal = { opened: () => undefined, closed: () => undefined }
    const store = await openStore(place.store, { journal, signal })
    try {
      const open = async function* (): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(content)
      }
      await store.write(key, open, { expectedBytes: content.length, signal })
      reporter.saveState(STATE, 'true')
    } finally {
      store.close()
    }
  },
}

/** Where the trail is; a re-index has one only where it reads settings from a backup. */
function placeOf(request: Request): { readonly store: StoreRequest; readonly prefix: string } | undefined {
  if (request.command === 'reindex') return request.backup
  return request.command === 'doctor' ? undefined : request
}

function isAudited(request: Request): boolean {
  return AUDITED.includes(request.command) && !('dryRun' in request && request.dryRun)
}

function contentOf(
  { command, source, result, started, failure, figures, run }: Outcome,
  finished: Date,
): Buffer {
  const short = Object.entries(figures).filter(([, value]) => value.length <= LONGEST_FIGURE)
  return renderAudit({
    format: AUDIT_FORMAT,
    lifeboat: VERSION,
    command,
    source,
    result,
    started: started.toISOString(),
    finished: finished.toISOString(),
    error: failure?.code ?? null,
    figures: Object.fromEntries(short),
    run: { ...run },
  })
}
