import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import type { StoredObject } from '../object-store.ts'
import type { Bucket } from './bucket.ts'
import { LISTING, storeFailure } from './failure.ts'
import { pageWatch } from './pages.ts'
import { WrongAnswer } from '../wrong-answer.ts'

/** Every object whose key begins with `prefix`, in the order of keys, as pages arrive. */
export async function* listObjects(bucket: Bucket, prefix: string): AsyncGenerator<StoredObject> {
  const moved = pageWatch(bucket.place)
  let token: string | undefined
  do {
    const page: ListObjectsV2CommandOutput = await bucket.client
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
    assertOurs(bucket, prefix, page)
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined) continue
      const key = decoded(Key, page.EncodingType)
      if (!key.startsWith(prefix)) throw ofSomethingElse(bucket, `the key ${key}`, prefix)
      yield { key, size: Size ?? 0, lastModified: LastModified ?? new Date(0) }
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
    if (token !== undefined) moved(token)
    // The end of a page is not the end: what retention does not see, it may take the last of.
    if (page.IsTruncated === true && token === undefined) throw brokenOff(bucket)
  } while (token !== undefined)
}

/** Where the store says of what a listing is, it is the one that was asked for. */
function assertOurs(bucket: Bucket, prefix: string, page: ListObjectsV2CommandOutput): void {
  const { Name, Prefix, EncodingType } = page
  // What is reached by an access point has another name.
  const alias = /^arn:|-s3alias$|--[a-z]+-s3$/.test(bucket.name)
  if (Name !== undefined && Name !== '' && Name !== bucket.name && !alias)
    throw ofSomethingElse(bucket, `the bucket ${Name}`, bucket.name)
  if (Prefix !== undefined && Prefix !== prefix && decoded(Prefix, EncodingType) !== prefix)
    throw ofSomethingElse(bucket, `the prefix ${Prefix}`, prefix)
}

function ofSomethingElse({ place }: Bucket, found: string, asked: string): WrongAnswer {
  return new WrongAnswer(
    'store',
    `${place.description}: a listing of ${found} came where ${asked} was asked for.`,
  )
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
