import {
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3'
import type { ObjectVersion, Versioning } from '../prunable-store.ts'
import type { Bucket } from './bucket.ts'
import { failureFacts, isUnsupported, LISTING, storeFailure } from './failure.ts'
import { decoded } from './listing.ts'
import { pageWatch } from './pages.ts'

/** What the bucket says of versions. An empty answer of a store that is not AWS may mean that it has none of this. */
export async function bucketVersioning({ client, name, profile, place }: Bucket): Promise<Versioning> {
  if (!profile.versioning) return 'unsupported'
  try {
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: name }))
    if (Status === 'Enabled') return 'enabled'
    if (Status === 'Suspended') return 'suspended'
    return profile.kind === 'aws' ? 'off' : 'unsupported'
  } catch (error) {
    if (isUnsupported(error)) return 'unsupported'
    if (failureFacts(error).name === 'AccessDenied') return 'hidden'
    throw storeFailure(error, place, 'cannot ask whether it keeps versions')
  }
}

/** Every version and every marker of a deletion whose key begins with `prefix`. */
export async function* objectVersions(bucket: Bucket, prefix: string): AsyncGenerator<ObjectVersion> {
  const moved = pageWatch(bucket.place)
  let from: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}
  while (from) {
    const page: ListObjectVersionsCommandOutput = await bucket.client
      .send(
        new ListObjectVersionsCommand({ Bucket: bucket.name, Prefix: prefix, EncodingType: 'url', ...from }),
      )
      .catch((error: unknown) => {
        throw storeFailure(error, bucket.place, LISTING)
      })
    for (const found of [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])]) {
      if (found.Key === undefined || found.VersionId === undefined) continue
      const size = 'Size' in found && typeof found.Size === 'number' ? found.Size : 0
      yield { key: decoded(found.Key, page.EncodingType), versionId: found.VersionId, size }
    }
    from = page.IsTruncated === true ? nextPage(page) : undefined
    if (from) moved(JSON.stringify(from))
  }
}

function nextPage({ NextKeyMarker, NextVersionIdMarker, EncodingType }: ListObjectVersionsCommandOutput) {
  if (NextKeyMarker === undefined) return undefined
  const KeyMarker = decoded(NextKeyMarker, EncodingType)
  return { KeyMarker, ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }) }
}
