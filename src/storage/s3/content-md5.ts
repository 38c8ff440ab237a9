import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import { failureFacts } from './failure.ts'

/**
 * DeleteObjects and PutBucketLifecycleConfiguration need a checksum of their body. The SDK sends a CRC32, in which some
 * stores see a request that they don't implement; all of them know the Content-MD5 that was required before.
 *
 * A bucket whose objects are locked by default (Object Lock) wants one with every write, and refuses with
 * `InvalidRequest` without: then it is sent again with one, and with all writes that know `bucket` from there on.
 * Elsewhere writes go without, for it costs processor time and the payload's SHA-256 is signed anyway.
 */
export function sendContentMd5(client: S3Client, bucket: { wantsContentMd5: boolean }): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { request } = args
      const command = context.commandName ?? ''
      if (!isRequestWithBytes(request)) return next(args)
      const writes = WRITES.test(command)
      if (NEEDS_CHECKSUM.test(command) || (writes && bucket.wantsContentMd5)) addContentMd5(request)
      if (!writes || bucket.wantsContentMd5) return next(args)
      try {
        return await next(args)
      } catch (error) {
        if (failureFacts(error).name !== 'InvalidRequest') throw error
        addContentMd5(request)
        const result = await next(args)
        bucket.wantsContentMd5 = true
        return result
      }
    },
    // Behind the SDK's own checksum, which is added in the same step; before the signature.
    { step: 'build', priority: 'low', name: 'lifeboatContentMd5' },
  )
}

const NEEDS_CHECKSUM = /^(DeleteObjects|PutBucketLifecycleConfiguration)Command$/
const WRITES = /^(PutObject|UploadPart)Command$/

interface RequestWithBytes {
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array
}

function addContentMd5({ headers, body }: RequestWithBytes): void {
  for (const header of Object.keys(headers)) {
    if (/^x-amz-(sdk-)?checksum-/i.test(header)) Reflect.deleteProperty(headers, header)
  }
  headers['content-md5'] = createHash('md5').update(body).digest('base64')
}

function isRequestWithBytes(request: unknown): request is RequestWithBytes {
  if (typeof request !== 'object' || request === null || !('body' in request) || !('headers' in request))
    return false
  return typeof request.body === 'string' || request.body instanceof Uint8Array
}
