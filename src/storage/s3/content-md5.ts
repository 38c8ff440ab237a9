import { createHash } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'

/**
 * DeleteObjects and PutBucketLifecycleConfiguration need a checksum of their body. The SDK sends a CRC32, in which some
 * stores see a request that they don't implement; all of them know the Content-MD5 that was required before. Of the
 * commands that need none nothing changes.
 */
export function sendContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const { request } = args
      if (NEEDS_CHECKSUM.test(context.commandName ?? '') && isTextRequest(request)) {
        for (const header of Object.keys(request.headers)) {
          if (/^x-amz-(sdk-)?checksum-/i.test(header)) Reflect.deleteProperty(request.headers, header)
        }
        request.headers['content-md5'] = createHash('md5').update(request.body).digest('base64')
      }
      return next(args)
    },
    // Behind the SDK's own checksum, which is added in the same step; before the signature.
    { step: 'build', priority: 'low', name: 'lifeboatContentMd5' },
  )
}

const NEEDS_CHECKSUM = /^(DeleteObjects|PutBucketLifecycleConfiguration)Command$/

function isTextRequest(
  request: unknown,
): request is { headers: Record<string, string>; body: string | Uint8Array } {
  if (typeof request !== 'object' || request === null || !('body' in request) || !('headers' in request))
    return false
  return typeof request.body === 'string' || request.body instanceof Uint8Array
}
