import type { LifecycleStore } from '../lifecycle-store.ts'
import type { PrunableStore } from '../prunable-store.ts'
import type { ProbedStore } from '../probed-store.ts'
import { storeProfile } from '../profile.ts'
import type { S3StoreOptions } from './options.ts'

/**
 * Opens a bucket. Nothing is asked of the store yet: the first request tells whether it lets us in. The SDK is
 * loaded only now, for it takes a third of a start that may not need it.
 */
export async function openS3Store(
  options: S3StoreOptions,
): Promise<PrunableStore & LifecycleStore & ProbedStore> {
  const { S3ObjectStore } = await import('./s3-object-store.ts')
  return new S3ObjectStore(options, options.profile ?? storeProfile(options.endpoint))
}
