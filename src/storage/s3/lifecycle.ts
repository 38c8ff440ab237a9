import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
  type TransitionDefaultMinimumObjectSize,
} from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import type { BucketRule } from '../lifecycle-store.ts'
import type { Bucket } from './bucket.ts'
import { failureFacts, isUnsupported, storeFailure } from './failure.ts'

/** A rule as it was read: put back as it is, with what the whole configuration said beside its rules. */
interface Original {
  readonly rule: LifecycleRule
  readonly minimumSize: TransitionDefaultMinimumObjectSize | undefined
}

/** See `LifecycleStore.lifecycle`. */
export async function readLifecycle(bucket: Bucket): Promise<BucketRule[] | undefined> {
  const { client, name, place, profile } = bucket
  if (!profile.lifecycle) return undefined
  try {
    const answer = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: name }))
    const minimumSize = answer.TransitionDefaultMinimumObjectSize
    return (answer.Rules ?? []).map((rule) => understood({ rule, minimumSize }))
  } catch (error) {
    if (failureFacts(error).name === 'NoSuchLifecycleConfiguration') return []
    if (isUnsupported(error)) return undefined
    throw (
      refused(error, bucket, 'cannot read the lifecycle rules') ??
      storeFailure(error, place, 'cannot read the lifecycle rules')
    )
  }
}

/** See `LifecycleStore.replaceLifecycle`. */
export async function writeLifecycle(bucket: Bucket, rules: readonly BucketRule[]): Promise<void> {
  const minimumSize = rules.flatMap(({ original }) => originalOf(original)?.minimumSize ?? [])[0]
  const command = new PutBucketLifecycleConfigurationCommand({
    Bucket: bucket.name,
    LifecycleConfiguration: { Rules: rules.map(written) },
    ...(minimumSize !== undefined && { TransitionDefaultMinimumObjectSize: minimumSize }),
  })
  try {
    await bucket.client.send(command)
  } catch (error) {
    throw (
      refused(error, bucket, 'cannot write the lifecycle rules') ??
      storeFailure(error, bucket.place, 'cannot write the lifecycle rules')
    )
  }
}

function understood(original: Original): BucketRule {
  const { ID, Status, Filter, Expiration, AbortIncompleteMultipartUpload: abort } = original.rule
  const { And } = Filter ?? {}
  const filters: unknown[] = [Filter?.Tag, Filter?.ObjectSizeGreaterThan, Filter?.ObjectSizeLessThan]
  const all: unknown[] = [And?.Tags, And?.ObjectSizeGreaterThan, And?.ObjectSizeLessThan]
  return {
    id: ID ?? '',
    enabled: Status === 'Enabled',
    prefix: Filter?.Prefix ?? And?.Prefix ?? oldPrefix(original.rule),
    narrowed: [...filters, ...all].some((each) => each !== undefined),
    ...(Expiration?.Days !== undefined && { expireDays: Expiration.Days }),
    ...(Expiration?.Date !== undefined && { expireDate: Expiration.Date }),
    ...(abort?.DaysAfterInitiation !== undefined && { abortDays: abort.DaysAfterInitiation }),
    original,
  }
}

function written({ id, enabled, prefix, expireDays, abortDays, original }: BucketRule): LifecycleRule {
  const known = originalOf(original)
  if (known) return known.rule
  return {
    ID: id,
    Status: enabled ? 'Enabled' : 'Disabled',
    Filter: { Prefix: prefix },
    ...(expireDays !== undefined && { Expiration: { Days: expireDays } }),
    ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
  }
}

/** Before filters the prefix stood in the rule itself; such rules still come back so. */
function oldPrefix(rule: LifecycleRule): string {
  const prefix: unknown = Reflect.get(rule, 'Prefix')
  return typeof prefix === 'string' ? prefix : ''
}

/** What `understood` put there, and nobody else touches. */
function originalOf(original: unknown): Original | undefined {
  return typeof original === 'object' && original !== null && 'rule' in original
    ? (original as Original)
    : undefined
}

function refused(error: unknown, { place, profile }: Bucket, doing: string): LifeboatError | undefined {
  const { name, status } = failureFacts(error)
  if (status !== 403 || name !== 'AccessDenied') return undefined
  return new LifeboatError(
    'store-access',
    `${place.description}: ${doing}: the store refuses it (${name}).`,
    {
      hint:
        profile.kind === 'r2'
          ? 'On R2 only a token with the permission "Admin Read & Write" may touch lifecycle rules. Use one for this step alone.'
          : 'These keys need s3:GetLifecycleConfiguration and s3:PutLifecycleConfiguration on the bucket.',
      cause: error,
    },
  )
}
