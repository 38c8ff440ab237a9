import { randomBytes } from 'node:crypto'
import type { Examination } from './catalog/finding.ts'
import { systemClock } from './catalog/ports.ts'
import type { ForeignProver, Prover } from './catalog/proof.ts'
import type { Restorer } from './catalog/restorer.ts'
import type { Source } from './catalog/source.ts'
import type {
  LiveSearchServer,
  MeilisearchBackupRequest,
  MeilisearchRestoreRequest,
  MeilisearchVerifyRequest,
  SearchServer,
} from './inputs/request.ts'
import { searchExamination } from './meilisearch/examine-server.ts'
import type { HttpOptions } from './meilisearch/http.ts'
import { meilisearchProver } from './meilisearch/prover.ts'
import { meilisearchRestorer } from './meilisearch/restorer.ts'
import { meilisearchSource } from './meilisearch/source.ts'

/** The longest silence in an answer: a page of documents takes a busy server seconds. */
const TIMEOUT_MS = 120_000
/** A restore has no limits of its own: a task without progress, and how often a request is sent again. */
const STALL_MS = 1_800_000
const RETRIES = 8
/** So long a server that is restored into may say nothing at all, however often it is asked. */
const SILENCE_MS = 600_000
const DOCTOR_RETRIES = 2
const DOCTOR_TIMEOUT_MS = 30_000

/** The Meilisearch server that was asked for. */
export function meilisearchSources(
  { server, name, dumpDirectory, allowInconsistent, limits }: MeilisearchBackupRequest,
  { temporary }: { readonly temporary: string },
): Source[] {
  return [
    meilisearchSource({
      server: serverOptions(server, limits),
      name,
      dumpDirectory,
      allowInconsistent,
      retries: limits.retries,
      taskMs: limits.snapshotMs,
      temporary,
    }),
  ]
}

/** Where a dump is proved. */
export function meilisearchProverFor({
  target,
  liveHost,
  extras,
  stallMs,
  retries,
}: MeilisearchVerifyRequest): Prover & ForeignProver {
  return meilisearchProver({
    target: target && serverOptions(target, { retries, stallMs }),
    liveHost,
    negativeControl: extras.includes('negative-control'),
    stallMs,
  })
}

/** Where a dump is brought back. */
export function meilisearchRestorerFor({ target, only, embedderKeys }: MeilisearchRestoreRequest): Restorer {
  return meilisearchRestorer({
    target: serverOptions(target, { retries: RETRIES, stallMs: SILENCE_MS }),
    only,
    embedderKeys,
    stallMs: STALL_MS,
    random: () => randomBytes(3).toString('hex'),
  })
}

/** What the doctor looks at. It is no backup: it says soon that something does not answer. */
export function searchExaminationFor({ server, dumpDirectory }: LiveSearchServer): Examination {
  return searchExamination({
    server: { ...serverOptions(server, { retries: DOCTOR_RETRIES, stallMs: DOCTOR_TIMEOUT_MS }) },
    dumpDirectory,
    now: () => systemClock.now(),
  })
}

function serverOptions(
  { host, apiKey }: SearchServer,
  { retries, stallMs }: { readonly retries: number; readonly stallMs: number },
): Omit<HttpOptions, 'signal'> {
  return { host, apiKey, retries, stallMs, timeoutMs: Math.min(TIMEOUT_MS, stallMs) }
}
