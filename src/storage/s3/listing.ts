import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import type { StoredObject } from '../object-store.ts'
import type { Bucket } from './bucket.ts'
import { LISTING, storeFailure } from './failure.ts'

/** Every object whose key begins with `prefix`, in the order of keys, as pages arrive. */
export async function* listObjects(bucket: Bucket, prefix: string): AsyncGenerator<StoredObject> {
  let token: string | undefined
  do {
    const page = await bucket.client
      .send(
        new ListObjectsV2Command({
          Bucket: bucket.name,
          Prefix: prefix,
          // A key may hold what XML cannot.
          EncodingType: 'url',
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      )
      .catch((error: unknown) => {
        throw storeFailure(error, bucket.place, LISTING)
      })
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined) continue
      yield {
        key: decoded(Key, page.EncodingType),
        size: Size ?? 0,
        lastModified: LastModified ?? new Date(0),
      }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    // The end of a page is not the end: what retention does not see, it may take the last of.
    if (page.IsTruncated === true && token === undefined) throw brokenOff(bucket)
  } while (token !== undefined)
}

function brokenOff({ place }: Bucket): LifeboatError {
  return new LifeboatError('store', `${place.description}: a listing broke off in the middle.`, {
    hint: 'The store says that there is more, and not how to get it. Run this again, and ask whoever runs the store.',
  })
}

/** A key of a listing, where the store did encode it as it was asked to. */
export function decoded(key: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key
}
