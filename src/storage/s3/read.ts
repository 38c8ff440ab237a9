import { setTimeout as sleep } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import type { Bucket } from './bucket.ts'
import { isConflict, isNotFound, storeFailure } from './failure.ts'
import { backoff } from './retry.ts'

/**
 * The bytes of an object, or of a range of it. A connection that breaks is opened again where it broke, as long as
 * the object is the same one; fewer bytes than the store promised are never the end.
 */
export async function* readObject(
  bucket: Bucket,
  key: string,
  range: { readonly start: number; readonly end: number } | undefined,
): AsyncGenerator<Uint8Array> {
  let at = range?.start ?? 0
  let end = range?.end
  if (end !== undefined && end <= at) return
  let etag: string | undefined
  for (let broken = 0; ; broken++) {
    const before = at
    try {
      const answer = await bucket.client.send(
        new GetObjectCommand({
          Bucket: bucket.name,
          Key: key,
          ...(at === 0 && end === undefined
            ? {}
            : { Range: `bytes=${at}-${end === undefined ? '' : end - 1}` }),
          ...(etag === undefined ? {} : { IfMatch: etag }),
        }),
      )
      etag ??= answer.ETag
      const last = lastByte(answer.ContentRange)
      end = last === undefined ? (answer.ContentLength ?? 0) : last + 1
      for await (const chunk of bodyOf(answer.Body)) {
        at += chunk.length
        yield chunk
      }
      if (at === end) return
      if (at > end) throw new LifeboatError('damaged', `${key}: the store sent more bytes than it promised.`)
    } catch (error) {
      if (etag === undefined || error instanceof LifeboatError || hasStatus(error))
        throw failed(bucket, key, error)
      if (broken >= bucket.retries) throw storeFailure(error, bucket.place, `cannot read ${key}`)
    }
    if (at > before) broken = 0
    else if (broken >= bucket.retries) throw cutOff(bucket, key, at)
    await sleep(backoff(broken, Math.random()))
  }
}

function bodyOf(body: unknown): AsyncIterable<Buffer> {
  if (body instanceof Readable) return body
  throw new TypeError('the SDK gave no stream')
}

/** The last byte that `bytes 0-9/100` holds. */
function lastByte(contentRange: string | undefined): number | undefined {
  const match = /^bytes \d+-(\d+)\//.exec(contentRange ?? '')
  return match ? Number(match[1]) : undefined
}

function hasStatus(error: unknown): boolean {
  return typeof error === 'object' && error !== null && '$response' in error && error.$response !== undefined
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
