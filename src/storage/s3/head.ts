import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Bucket } from './bucket.ts'
import { contentRange } from './content-range.ts'
import { isNotFound, storeFailure } from './failure.ts'

/** What the store says of an object. */
export interface FoundObject {
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date | undefined
  readonly metadata: Readonly<Record<string, string>>
}

/** What the store says of an object, or undefined where it answers that there is none. Throws `LifeboatError`. */
export async function glance(
  bucket: Bucket,
  key: string,
  client: S3Client = bucket.client,
): Promise<FoundObject | undefined> {
  try {
    const answer = await client.send(new HeadObjectCommand({ Bucket: bucket.name, Key: key }))
    return found(answer.ContentLength ?? 0, answer)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw storeFailure(error, bucket.place, `cannot look at ${key}`)
  }
}

/**
 * As `glance`, but that there is none is the store's own word: an answer to HEAD has no body, so that a 404 may be
 * anybody's. Whether something stands there is asked once more, with an answer that the store has to write.
 */
export async function lookAtObject(bucket: Bucket, key: string): Promise<FoundObject | undefined> {
  const seen = await glance(bucket, key)
  if (seen) return seen
  try {
    const command = new GetObjectCommand({ Bucket: bucket.name, Key: key, Range: 'bytes=0-0' })
    const answer = await bucket.client.send(command)
    // One byte, which nobody needs.
    if (answer.Body instanceof Readable) answer.Body.destroy()
    const range = contentRange(answer.ContentRange)
    return found(range?.total ?? answer.ContentLength ?? 0, answer)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw storeFailure(error, bucket.place, `cannot look at ${key}`)
  }
}

function found(
  size: number,
  {
    LastModified,
    Metadata,
  }: { LastModified?: Date | undefined; Metadata?: Record<string, string> | undefined },
): FoundObject {
  return { size, lastModified: LastModified, metadata: Metadata ?? {} }
}
