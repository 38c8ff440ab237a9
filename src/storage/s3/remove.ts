import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  type S3Client,
  type ServiceInputTypes,
} from '@aws-sdk/client-s3'
import { LifeboatError } from '../../errors.ts'
import type { Removal } from '../prunable-store.ts'
import type { Bucket } from './bucket.ts'
import { failureFacts, isNotFound, storeFailure } from './failure.ts'

/** An object, or one version of it. */
export interface Target {
  readonly key: string
  readonly versionId?: string
}

/** The most that one DeleteObjects takes. */
const BATCH = 1_000
const AT_A_TIME = 8

/** Codes of a single key in the answer to a batch that a request of its own, with its retries, may mend. */
const PASSING = /^(InternalError|SlowDown|ServiceUnavailable|RequestTimeout|OperationAborted)$/

export type Remove = (targets: readonly Target[], signal: AbortSignal) => Promise<Removal[]>

/** Removes in batches, and one by one from the first batch on that the store refuses as such. See `PrunableStore`. */
export function remover(bucket: Bucket): Remove {
  let batches = bucket.profile.batchDelete
  return async (targets, signal) => {
    const client = bucket.writer(signal, { signalOf: () => signal, onUnclean: () => undefined })
    try {
      const removals: Removal[] = []
      for (let at = 0; at < targets.length; at += BATCH) {
        const some = targets.slice(at, at + BATCH)
        const answered = batches && some.length > 1 ? await removeBatch(client, bucket, some) : 'refused'
        if (batches && some.length > 1 && answered === 'refused') batches = false
        removals.push(
          ...(typeof answered === 'string' ? await oneByOne(client, bucket, some, signal) : answered),
        )
      }
      return removals
    } catch (error) {
      if (signal.aborted) throw cancelled(error)
      throw error
    } finally {
      client.destroy()
    }
  }
}

/**
 * `refused`: the store does not take batches. `forbidden`: it does not say of which key, so each has to be asked for.
 */
async function removeBatch(
  client: S3Client,
  bucket: Bucket,
  targets: readonly Target[],
): Promise<Removal[] | 'refused' | 'forbidden'> {
  const Objects = targets.map(({ key, versionId }) => ({
    Key: key,
    ...(versionId !== undefined && { VersionId: versionId }),
  }))
  const command = new DeleteObjectsCommand({ Bucket: bucket.name, Delete: { Objects, Quiet: true } })
  let errors
  try {
    errors = (await client.send(command)).Errors ?? []
  } catch (error) {
    const { name, status = 0 } = failureFacts(error)
    if (name === 'NoSuchBucket' || /Signature|InvalidAccessKeyId|Expired|TimeTooSkewed/.test(name)) {
      throw storeFailure(error, bucket.place, 'cannot remove')
    }
    if (status === 403) return 'forbidden'
    if ((status >= 400 && status < 500 && status !== 429 && status !== 408) || status === 501)
      return 'refused'
    throw storeFailure(error, bucket.place, 'cannot remove')
  }
  const said = new Map(
    errors.map(({ Key = '', VersionId = '', Code, Message }) => [`${VersionId} ${Key}`, { Code, Message }]),
  )
  const removals: Removal[] = []
  for (const target of targets) {
    const problem = said.get(`${target.versionId ?? ''} ${target.key}`)
    if (!problem || problem.Code === 'NoSuchKey' || problem.Code === 'NoSuchVersion') {
      removals.push({ key: target.key, outcome: 'removed' })
    } else if (PASSING.test(problem.Code ?? '')) {
      removals.push(await removeOne(client, bucket, target))
    } else {
      const refusal = { code: problem.Code ?? 'Error', message: problem.Message ?? '' }
      removals.push(await refused(client, bucket, target, refusal))
    }
  }
  return removals
}

async function oneByOne(
  client: S3Client,
  bucket: Bucket,
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<Removal[]> {
  const removals: Removal[] = []
  for (let at = 0; at < targets.length; at += AT_A_TIME) {
    signal.throwIfAborted()
    const some = targets.slice(at, at + AT_A_TIME)
    removals.push(...(await Promise.all(some.map((target) => removeOne(client, bucket, target)))))
  }
  return removals
}

async function removeOne(client: S3Client, bucket: Bucket, target: Target): Promise<Removal> {
  const { key, versionId } = target
  const command = new DeleteObjectCommand({
    Bucket: bucket.name,
    Key: key,
    ...(versionId !== undefined && { VersionId: versionId }),
  } satisfies ServiceInputTypes)
  try {
    await client.send(command)
    return { key, outcome: 'removed' }
  } catch (error) {
    if (isNotFound(error)) return { key, outcome: 'removed' }
    const { name, status, message } = failureFacts(error)
    const ours = status === 403 && !/Signature|InvalidAccessKeyId|Expired|TimeTooSkewed/.test(name)
    if (ours || status === 409) return refused(client, bucket, target, { code: name, message })
    if (status !== undefined && status >= 500) {
      return { key, outcome: 'failed', reason: `the store answered ${status} ${name}, after retries` }
    }
    throw storeFailure(error, bucket.place, `cannot remove ${key}`)
  }
}

/** AWS says no more than AccessDenied of an object lock, so the version is asked whether it has one. */
async function refused(
  client: S3Client,
  bucket: Bucket,
  { key, versionId }: Target,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<Removal> {
  const reason = message === '' ? code : `${code}: ${message}`
  if (
    /^ObjectLocked|^InvalidObjectLock|ObjectLockedByBucketPolicy/.test(code) ||
    // A key may be called anything.
    /\b(object lock|worm)\b/i.test(message.replaceAll(key, ''))
  ) {
    return { key, outcome: 'locked', reason }
  }
  if (code !== 'AccessDenied' || versionId === undefined) return { key, outcome: 'failed', reason }
  try {
    const found = await client.send(
      new HeadObjectCommand({ Bucket: bucket.name, Key: key, VersionId: versionId }),
    )
    const held = found.ObjectLockLegalHoldStatus === 'ON'
    const until = found.ObjectLockRetainUntilDate
    if (held || until !== undefined) {
      return {
        key,
        outcome: 'locked',
        reason: held ? 'legal hold' : `object lock until ${until?.toISOString() ?? ''}`,
      }
    }
  } catch (error) {
    return {
      key,
      outcome: 'failed',
      reason: `${reason}; whether it is locked could not be seen: ${failureFacts(error).name}`,
    }
  }
  return { key, outcome: 'failed', reason }
}

function cancelled(cause: unknown): LifeboatError {
  return new LifeboatError('cancelled', 'Removing was cancelled; what was removed until then is gone.', {
    cause,
  })
}
