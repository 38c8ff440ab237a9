import { LifeboatError } from '../../errors.ts'
import type { StoredObject, WriteOptions } from '../object-store.ts'
import { type PartPlan, planParts, regrow } from '../part-size.ts'
import type { Bucket } from './bucket.ts'
import { isConflict, storeFailure } from './failure.ts'
import { Outgrown } from './part-feed.ts'
import { glance } from './head.ts'
import { type Ask, removeStrays, removeUpload } from './sweep.ts'
import { conflict, NONCE, refuseExisting, transfer, type Transferred } from './transfer.ts'

/** Tidying up has a context of its own, which no cancel reaches; this bounds it. */
const TIDY_MS = 60_000

export interface WriteOrder extends WriteOptions {
  readonly key: string
  readonly open: () => AsyncIterable<Uint8Array>
  readonly nonce: string
}

/** See `ObjectStore.write`. */
export async function writeObject(bucket: Bucket, order: WriteOrder): Promise<StoredObject> {
  const plan = planParts(bucket.profile, order.expectedBytes, bucket.partBytes)
  try {
    order.signal.throwIfAborted()
    await refuse(bucket, order)
    return await attempt(bucket, order, plan)
  } catch (error) {
    if (!(error instanceof Outgrown)) throw explain(bucket, order, error)
  }
  const larger = regrow(bucket.profile, plan)
  if (larger === undefined) throw outgrown(order, plan)
  try {
    return await attempt(bucket, order, larger)
  } catch (error) {
    throw error instanceof Outgrown ? outgrown(order, larger) : explain(bucket, order, error)
  }
}

async function refuse(bucket: Bucket, { key, signal }: WriteOrder): Promise<void> {
  const client = bucket.until(signal)
  try {
    await refuseExisting(bucket, key, client)
  } finally {
    client.destroy()
  }
}

/** Who asks when the run may have been cancelled. */
function tidying(bucket: Bucket): Ask & Disposable {
  const signal = AbortSignal.timeout(TIDY_MS)
  const client = bucket.until(signal)
  return { client, signal, [Symbol.dispose]: () => client.destroy() }
}

/** One transfer, and the truth about it. Whatever it throws, nothing of it is left in the store. */
async function attempt(bucket: Bucket, order: WriteOrder, plan: PartPlan): Promise<StoredObject> {
  const { key, nonce, open, signal } = order
  const onProgress = order.onProgress ?? (() => undefined)
  const result = await transfer(bucket, { key, nonce, plan, open, signal, onProgress })
  using ask = tidying(bucket)
  if (result.failure === undefined) {
    if (result.upload) bucket.journal?.closed(result.upload)
    if (result.strays) await removeStrays(bucket, key, ask)
    return await confirm(bucket, order, result, ask)
  }
  let ours: StoredObject | undefined
  let other = false
  try {
    if (result.finishing) ({ ours, other } = await recognize(bucket, order, result, ask))
    await tidy(bucket, key, result, ask)
  } catch (error) {
    throw leftBehind(explain(bucket, order, result.failure), error)
  }
  if (ours) return ours
  if (other && isConflict(result.failure)) throw conflict(bucket, key, result.failure)
  throw result.failure
}

/** Sees the object in the store, as this write made it. */
async function confirm(
  bucket: Bucket,
  order: WriteOrder,
  result: Transferred,
  ask: Ask,
): Promise<StoredObject> {
  const { ours, other } = await recognize(bucket, order, result, ask)
  if (ours) return ours
  if (other) throw conflict(bucket, order.key)
  throw new LifeboatError(
    'store',
    `${bucket.place.description}: ${order.key} was acknowledged, but it is not there.`,
    { hint: 'Do not trust this store before you know why. Is something else deleting in this bucket?' },
  )
}

/**
 * Is the object at the key this write's? The answer to a request that succeeded may have been lost, and then its
 * retry is told that an object exists (412) or that the upload is gone (404).
 */
async function recognize(
  bucket: Bucket,
  { key, nonce }: WriteOrder,
  { bytes }: Transferred,
  { client }: Ask,
): Promise<{ ours: StoredObject | undefined; other: boolean }> {
  const found = await glance(bucket, key, client)
  if (found === undefined) return { ours: undefined, other: false }
  if (found.metadata[NONCE] !== nonce || found.size !== bytes) return { ours: undefined, other: true }
  return { ours: { key, size: bytes, lastModified: found.lastModified ?? new Date() }, other: false }
}

async function tidy(bucket: Bucket, key: string, result: Transferred, ask: Ask): Promise<void> {
  if (result.upload) {
    await removeUpload(bucket, result.upload, ask)
    bucket.journal?.closed(result.upload)
  }
  if (result.strays) await removeStrays(bucket, key, ask)
}

function explain(bucket: Bucket, { key, signal }: WriteOrder, error: unknown): unknown {
  if (error instanceof LifeboatError) return error
  if (signal.aborted) {
    return new LifeboatError('cancelled', `Writing ${key} was cancelled; nothing of it was kept.`, {
      cause: error,
    })
  }
  return isOfTheStore(error) ? storeFailure(error, bucket.place, `cannot write ${key}`) : error
}

/** What a source throws is passed on as it is. */
function isOfTheStore(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$metadata' in error
}

function leftBehind(failure: unknown, cause: unknown): LifeboatError {
  const why = failure instanceof Error ? failure.message : String(failure)
  return new LifeboatError(
    failure instanceof LifeboatError ? failure.code : 'store',
    `${why} And what was already sent could not be removed.`,
    {
      hint: 'The next prune, or the lifecycle rule that aborts unfinished uploads, removes it.',
      cause: new AggregateError([failure, cause], 'writing and tidying up both failed'),
    },
  )
}

function outgrown({ key, expectedBytes }: WriteOrder, { partBytes, lastPart }: PartPlan): LifeboatError {
  return new LifeboatError(
    'store',
    `${key} grew beyond ${partBytes * lastPart} bytes; ${expectedBytes} were expected at most.`,
    {
      hint: 'It was begun anew with larger parts and outgrew them too. Set a larger part size (limits: part=…).',
    },
  )
}
