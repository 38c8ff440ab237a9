import { GetObjectLockConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { ObjectLock } from '../probed-store.ts'
import type { Bucket } from './bucket.ts'
import { failureFacts, isUnsupported, storeFailure } from './failure.ts'

/** See `ProbedStore.overwrite`. */
export async function overwriteObject(
  { client, name, place }: Bucket,
  key: string,
): Promise<'refused' | 'overwritten' | 'unsupported'> {
  try {
    await client.send(new PutObjectCommand({ Bucket: name, Key: key, Body: 'overwritten', IfNoneMatch: '*' }))
    return 'overwritten'
  } catch (error) {
    if (failureFacts(error).status === 412) return 'refused'
    if (isUnsupported(error)) return 'unsupported'
    throw storeFailure(error, place, `cannot write ${key} on condition`)
  }
}

/** See `ProbedStore.objectLock`. */
export async function bucketObjectLock({ client, name, place, profile }: Bucket): Promise<ObjectLock> {
  if (!profile.versioning) return { state: 'unsupported' }
  try {
    const { ObjectLockConfiguration: found } = await client.send(
      new GetObjectLockConfigurationCommand({ Bucket: name }),
    )
    if (found?.ObjectLockEnabled !== 'Enabled') return { state: 'off' }
    const { Mode, Days, Years } = found.Rule?.DefaultRetention ?? {}
    return { state: 'on', mode: Mode, days: Days ?? (Years === undefined ? undefined : Years * 365) }
  } catch (error) {
    const { name: code } = failureFacts(error)
    if (code === 'ObjectLockConfigurationNotFoundError' || code === 'InvalidRequest') return { state: 'off' }
    if (isUnsupported(error)) return { state: 'unsupported' }
    if (code === 'AccessDenied') return { state: 'hidden' }
    throw storeFailure(error, place, 'cannot ask for its object lock')
  }
}
