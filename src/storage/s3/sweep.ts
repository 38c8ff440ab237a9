import { setTimeout as sleep } from 'node:timers/promises'
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import type { PendingUpload } from '../object-store.ts'
import type { Bucket } from './bucket.ts'
import { isNotFound, LISTING, storeFailure } from './failure.ts'
import { pageWatch } from './pages.ts'
import { backoff } from './retry.ts'

/** A part that was on its way when the upload was aborted may still land; so it is aborted until nothing is left. */
const ROUNDS = 6

/** Who asks, and what ends the asking. */
export interface Ask {
  readonly client: S3Client
  readonly signal: AbortSignal | undefined
}

/** Removes an upload and its parts. One that is gone already is no error. Throws `store` when parts stay. */
export async function removeUpload(
  bucket: Bucket,
  upload: { readonly key: string; readonly uploadId: string },
  { client, signal }: Ask = bucket,
): Promise<void> {
  const request = { Bucket: bucket.name, Key: upload.key, UploadId: upload.uploadId }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await unlessGone(() => client.send(new AbortMultipartUploadCommand(request)))
      const left = await unlessGone(() => client.send(new ListPartsCommand(request)))
      if ((left?.Parts ?? []).length === 0) return
      await sleep(backoff(round, 0), undefined, signal ? { signal } : {})
    }
  } catch (error) {
    throw storeFailure(error, bucket.place, `cannot abort the upload of ${upload.key}`)
  }
  throw new LifeboatError(
    'store',
    `${bucket.place.description}: parts of ${upload.key} stay after aborting.`,
    {
      hint: `They cost money. Abort the upload ${upload.uploadId} by hand, or let a lifecycle rule do it.`,
    },
  )
}

/**
 * Every unfinished upload whose key begins with `prefix`. Keys are not asked for URL-encoded, unlike in listings of
 * objects: radosgw 16 then encodes them and does not say so, and ours are plain ASCII.
 */
export async function* pendingUploads(
  bucket: Bucket,
  prefix: string,
  { client }: Pick<Ask, 'client'> = bucket,
): AsyncGenerator<PendingUpload> {
  const moved = pageWatch(bucket.place)
  let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
  while (from) {
    const page: ListMultipartUploadsCommandOutput = await client
      .send(new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: prefix, ...from }))
      .catch((error: unknown) => {
        throw storeFailure(error, bucket.place, LISTING)
      })
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Key === undefined || UploadId === undefined) continue
      yield { key: Key, uploadId: UploadId, initiated: Initiated ?? new Date(0) }
    }
    from = page.IsTruncated === true ? nextPage(page.NextKeyMarker, page.NextUploadIdMarker) : undefined
    if (from) moved(JSON.stringify(from))
  }
}

/**
 * Removes uploads of exactly this key whose ids nobody knows, because the answer that held them was lost. Keys are
 * unique to their backup, and an upload that is not ours could only end in a conflict.
 */
export async function removeStrays(bucket: Bucket, key: string, ask: Ask): Promise<void> {
  for await (const upload of pendingUploads(bucket, key, ask)) {
    if (upload.key === key) await removeUpload(bucket, upload, ask)
  }
}

function nextPage(key: string | undefined, uploadId: string | undefined) {
  if (key === undefined) return undefined
  return { KeyMarker: key, ...(uploadId === undefined ? {} : { UploadIdMarker: uploadId }) }
}

async function unlessGone<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send()
  } catch (error) {
    // NoSuchUpload; radosgw 16 also says NoSuchKey.
    if (isNotFound(error)) return undefined
    throw error
  }
}
