import { ListPartsCommand, type ListPartsCommandOutput } from '@aws-sdk/client-s3'
import type { PendingUpload } from '../object-store.ts'
import type { Bucket } from './bucket.ts'
import { isNotFound, storeFailure } from './failure.ts'
import { pageWatch } from './pages.ts'

/** When the newest part of an upload was stored, or the upload begun; undefined when it is gone. */
export async function uploadActivity(bucket: Bucket, upload: PendingUpload): Promise<Date | undefined> {
  let newest = upload.initiated
  const moved = pageWatch(bucket.place)
  let marker: string | undefined
  try {
    do {
      const page: ListPartsCommandOutput = await bucket.client.send(
        new ListPartsCommand({
          Bucket: bucket.name,
          Key: upload.key,
          UploadId: upload.uploadId,
          ...(marker === undefined ? {} : { PartNumberMarker: marker }),
        }),
      )
      for (const { LastModified } of page.Parts ?? [])
        if (LastModified && LastModified > newest) newest = LastModified
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined
      if (marker !== undefined) moved(marker)
    } while (marker !== undefined)
    return newest
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw storeFailure(error, bucket.place, `cannot look at the upload of ${upload.key}`)
  }
}
