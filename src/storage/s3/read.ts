import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import { WrongAnswer } from '../wrong-answer.ts'
import type { Bucket } from './bucket.ts'
import { contentRange } from './content-range.ts'
import { failureFacts, isConflict, isNotFound, storeFailure } from './failure.ts'
import { backoff } from './retry.ts'

export interface ReadOrder {
  readonly key: string
  /** `end` is exclusive. */
  readonly range: { readonly start: number; readonly end: number } | undefined
  /** On connections of its own. */
  readonly fresh: boolean
}

/**
 * The bytes of an object, or of a range of it. A connection that breaks is opened again where it broke, as long as
 * the object is the same one; fewer bytes than the store promised are never the end.
 *
 * What is asked for is always a range, and what comes says which: whatever else answers with bytes is not believed.
 */
export async function* readObject(bucket: Bucket, order: ReadOrder): AsyncGenerator<Uint8Array> {
  const { key, range, fresh } = order
  const client = fresh ? bucket.fresh : bucket.client
  let at = range?.start ?? 0
  let end = range?.end
  if (end !== undefined && end <= at) return
  let etag: string | undefined
  // Tries that led nowhere, the request's own among them.
  for (let broken = 0; ; broken++) {
    const before = at
    let answer: GetObjectCommandOutput
    try {
      const command = new GetObjectCommand({
        Bucket: bucket.name,
        Key: key,
        Range: `bytes=${at}-${end === undefined ? '' : end - 1}`,
        ...(etag === undefined ? {} : { IfMatch: etag }),
      })
      answer = await client.send(command)
    } catch (error) {
      if (at === 0 && end === undefined && isEmpty(error)) return
      throw failed(bucket, key, error)
    }
    etag ??= answer.ETag
    end = endOf(bucket, answer, { key, at, end })
    try {
      for await (const chunk of bodyOf(answer.Body)) {
        if (at + chunk.length > end) throw tooMuch(bucket, key)
        at += chunk.length
        yield chunk
      }
      if (at === end) return
    } catch (error) {
      bucket.signal?.throwIfAborted()
      if (error instanceof LifeboatError) throw error
      if (broken >= bucket.retries) throw storeFailure(error, bucket.place, `cannot read ${key}`)
    }
    broken = at > before ? 0 : broken + (answer.$metadata.attempts ?? 1) - 1
    if (broken >= bucket.retries) throw cutOff(bucket, key, at)
    await sleep(backoff(broken, Math.random()), undefined, { signal: bucket.signal })
  }
}

function bodyOf(body: unknown): AsyncIterable<Buffer> {
  if (body instanceof Readable) return body
  throw new TypeError('the SDK gave no stream')
}

/** Where the bytes of an answer end. Throws where they are not those that were asked for. */
function endOf(
  { place }: Bucket,
  answer: GetObjectCommandOutput,
  { key, at, end }: { readonly key: string; readonly at: number; readonly end: number | undefined },
): number {
  const range = contentRange(answer.ContentRange)
  if (range) {
    const last = end === undefined ? range.total : Math.min(end, range.total ?? end)
    if (range.start === at && range.end > at && (last === undefined || range.end <= last)) return range.end
  } else if (at === 0 && end === undefined && answer.ContentLength !== undefined) {
    // All of it was asked for, and all of it came.
    return answer.ContentLength
  }
  const found = answer.ContentRange ?? 'an answer that does not say which bytes it holds'
  const asked = `bytes ${at}-${end === undefined ? '' : end - 1}`
  throw new WrongAnswer(
    'store',
    `${place.description}: ${asked} of ${key} were asked for, and ${found} came.`,
  )
}

/** No byte of an object without bytes can be had. */
function isEmpty(error: unknown): boolean {
  return failureFacts(error).name === 'InvalidRange'
}

function tooMuch({ place }: Bucket, key: string): WrongAnswer {
  return new WrongAnswer('store', `${place.description}: more bytes of ${key} came than the answer promised.`)
}

function failed(bucket: Bucket, key: string, error: unknown): LifeboatError {
  if (isConflict(error)) {
    return new LifeboatError('store', `${bucket.place.description}: ${key} changed while it was read.`, {
      hint: 'Backups are never overwritten: find out what writes here, and do not trust this object.',
      cause: error,
    })
  }
  if (isNotFound(error)) {
    return new LifeboatError('store-missing', `${bucket.place.description}: there is no ${key}.`, {
      hint: 'List what the store holds; it may have been removed.',
      cause: error,
    })
  }
  return storeFailure(error, bucket.place, `cannot read ${key}`)
}

function cutOff(bucket: Bucket, key: string, at: number): LifeboatError {
  return new LifeboatError(
    'store',
    `${bucket.place.description}: ${key} always ends at byte ${at}, too early.`,
    {
      hint: 'The connection is cut again and again: look at the network, a proxy, or the store.',
    },
  )
}
