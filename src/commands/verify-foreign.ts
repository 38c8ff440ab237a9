import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Log } from '../catalog/ports.ts'
import type { ForeignProver, ProofTotals } from '../catalog/proof.ts'
import { stopwatch } from '../catalog/stopwatch.ts'
import { verdictOf, type RungReport } from '../catalog/verification.ts'
import type { ForeignOutcome } from '../catalog/verification-outcome.ts'
import { LifeboatError } from '../errors.ts'
import { ageOpens } from '../pipeline/age/decrypt.ts'
import { describeStanzas, readHeader } from '../pipeline/age/header.ts'
import { ClimbEnded, ladder } from '../proof/ladder.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { findForeign, openForeign, type FoundForeign } from './foreign-archive.ts'
import { judgeTime, restoreSeconds } from './judge-time.ts'
import { readBeginning } from './read-beginning.ts'

export interface ForeignSettings {
  /** Complete. */
  readonly key: string
  readonly identities: readonly string[]
  /** The longest that a restore may take, in milliseconds. */
  readonly rtoMs: number | undefined
  readonly stallMs: number
}

export interface ForeignSurroundings {
  readonly store: ObjectStore
  readonly prover: ForeignProver
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A folder of this run's own, readable by nobody else. */
  readonly temporary: string
}

/** An age header fits in it. */
const HEADER_BYTES = 2 ** 20

/**
 * Takes an archive without a manifest up the verification ladder, as far as that goes: nothing tells what it should be, so
 * it is never `ok`, and nothing is recorded. Throws what keeps it from beginning: `store-missing`, `identity`, `input`.
 */
export async function verifyForeign(
  { key, identities, rtoMs, stallMs }: ForeignSettings,
  { store, prover, log, clock, signal, temporary }: ForeignSurroundings,
): Promise<ForeignOutcome> {
  const found = await findForeign(store, key, identities)
  const watch = stopwatch(clock)
  const context = { log, clock, watch, signal, memory: undefined }
  await using prepared = await prover.prepareForeign(context)
  watch.lap('prepare')
  log.info(`Verifying ${key} in ${store.description}, ${found.bytes} bytes, without a manifest.`)
  const climb = ladder({ log, clock })
  const path = join(temporary, 'archive')
  let totals: ProofTotals | undefined
  let failure: unknown
  try {
    const nothing = 'The archive has no manifest: what it should be is NOT MEASURED.'
    await climb.climb('manifest', () => Promise.resolve({ outcome: 'not-measured', summary: nothing }))
    await climb.climb('opened', () => openBeginning(store, found, identities))
    let sha256 = ''
    await climb.climb('unpacked', async () => {
      const opened = await openForeign(store, found, { path, log }, { identities, signal, stallMs })
      sha256 = opened.sha256
      watch.lap('fetch')
      return { outcome: 'passed', summary: `It unpacks to ${opened.plainBytes} bytes.` }
    })
    const stored = `${found.bytes} bytes with the SHA-256 ${sha256}; nothing was recorded to compare it with.`
    await climb.climb('stored', () => Promise.resolve({ outcome: 'not-measured', summary: stored }))
    const archive = { kind: 'file', path, done: () => rm(path, { force: true }) } as const
    const begun = clock.elapsed()
    totals = await prepared.proveForeign(archive, {
      ...context,
      climb: (rung, work) => climb.climb(rung, work),
    })
    const seconds = restoreSeconds(watch.seconds(), (clock.elapsed() - begun) / 1000)
    await climb.climb('time', () => Promise.resolve(judgeTime(seconds, rtoMs)))
  } catch (error) {
    if (!(error instanceof ClimbEnded)) failure = error
  } finally {
    await rm(path, { force: true })
  }
  const { rungs } = climb
  const verdict = verdictOf(rungs)
  const { notes } = prepared
  return { key, bytes: found.bytes, rungs, verdict, totals, seconds: watch.seconds(), notes, failure }
}

async function openBeginning(
  store: ObjectStore,
  { key, encrypted }: FoundForeign,
  identities: readonly string[],
): Promise<RungReport> {
  if (!encrypted) {
    const summary = 'The archive is NOT encrypted.'
    return { outcome: 'passed', summary, warnings: [summary] }
  }
  const beginning = await readBeginning(store, key, HEADER_BYTES)
  const header = beginning && readHeader(beginning)
  if (!beginning || !header) throw new LifeboatError('damaged', `${key} ends in its age header.`)
  await ageOpens(identities, beginning)
  return {
    outcome: 'passed',
    summary: `An identity at hand opens it; it is encrypted for ${describeStanzas(header.stanzas)}.`,
  }
}
