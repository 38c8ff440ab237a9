import { Readable } from 'node:stream'
import type { S3Client, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { LifeboatError } from '../../errors.ts'
import { collectGarbage } from '../../pipeline/garbage.ts'
import type { PendingUpload } from '../object-store.ts'
import type { PartPlan } from '../part-size.ts'
import type { Bucket } from './bucket.ts'
import { glance } from './head.ts'
import { PartFeed } from './part-feed.ts'
import { feedUploader } from './uploader.ts'

export const NONCE = 'lifeboat-nonce'

export interface Order {
  readonly key: string
  /** Goes into the object's metadata, so that this write knows its object again. */
  readonly nonce: string
  readonly plan: PartPlan
  readonly open: () => AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
}

/** What became of a transfer; whatever it began has ended, but nothing has been removed. */
export interface Transferred {
  /** What went wrong first; undefined when the store acknowledged the object. */
  readonly failure: Error | undefined
  /** Bytes that the source gave. */
  readonly bytes: number
  readonly upload: PendingUpload | undefined
  /** An answer to CreateMultipartUpload was lost: there may be an upload whose id nobody knows. */
  readonly strays: boolean
  /** The request that makes the object was sent: it may stand, whatever the answer was. */
  readonly finishing: boolean
}

/** How long a request that makes or ends an upload may go on after a cancel: its answer tells what is left. */
const GRACE_MS = 3_000
/** So many parts leave memory behind that is worth the pause of a collection. */
const MANY_PARTS = 200

/** Carries the bytes of one object to the store. The first failure stops source and requests at once. */
export async function transfer(bucket: Bucket, order: Order): Promise<Transferred> {
  const stop = new AbortController()
  const patience = new AbortController()
  let grace: NodeJS.Timeout | undefined
  stop.signal.addEventListener('abort', () => {
    grace = setTimeout(() => patience.abort(stop.signal.reason), GRACE_MS)
  })
  const cancel = () => stop.abort(order.signal.reason)
  order.signal.addEventListener('abort', cancel, { once: true })
  if (order.signal.aborted) cancel()

  const feed = new PartFeed(order.open(), order.plan, stop.signal)
  const client = bucket.writer(stop.signal, {
    // POST is CreateMultipartUpload and CompleteMultipartUpload.
    signalOf: (method) => (method === 'POST' ? patience.signal : stop.signal),
    onUnclean: (body) => feed.retire(body),
  })
  const watch = new Watch(client, bucket, order.key, feed)
  let failure: Error | undefined
  try {
    await startUpload(client, bucket, order, feed, stop)
  } catch (error) {
    failure = (stop.signal.aborted ? stop.signal.reason : error) as Error
    stop.abort(failure)
  }
  await watch.settled()
  clearTimeout(grace)
  order.signal.removeEventListener('abort', cancel)
  await feed.close()
  client.destroy()
  const { upload, strays, finishing } = watch
  return { failure, bytes: feed.bytes, upload, strays, finishing }
}

async function startUpload(
  client: S3Client,
  bucket: Bucket,
  { key, nonce, plan, onProgress }: Order,
  feed: PartFeed,
  stop: AbortController,
): Promise<void> {
  const upload = new Upload({
    client,
    partSize: plan.partBytes,
    queueSize: plan.inFlight,
    // Removing is for a context that is not cancelled: see sweep.ts.
    leavePartsOnError: true,
    abortController: stop,
    params: {
      Bucket: bucket.name,
      Key: key,
      IfNoneMatch: '*',
      Metadata: { [NONCE]: nonce },
      // Never read: see uploader.ts.
      Body: Readable.from([]),
    },
  })
  feedUploader(upload, feed, (error) => stop.abort(error))
  upload.on('httpUploadProgress', ({ loaded }) => onProgress(loaded ?? 0))
  await upload.done()
}

/** Sees every request of a write pass: lib-storage tells neither the upload's id nor when the last one has ended. */
class Watch {
  upload: PendingUpload | undefined
  strays = false
  finishing = false
  readonly #client: S3Client
  readonly #bucket: Bucket
  readonly #key: string
  readonly #feed: PartFeed
  readonly #running = new Set<Promise<unknown>>()

  constructor(client: S3Client, bucket: Bucket, key: string, feed: PartFeed) {
    this.#client = client
    this.#bucket = bucket
    this.#key = key
    this.#feed = feed
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const request = this.#pass(context.commandName ?? '', args.input, () => next(args))
        this.#running.add(request)
        try {
          return await request
        } finally {
          this.#running.delete(request)
        }
      },
      { step: 'initialize', name: 'lifeboatWatch' },
    )
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #pass<T extends { output: ServiceOutputTypes }>(
    command: string,
    input: ServiceInputTypes,
    send: () => Promise<T>,
  ): Promise<T> {
    switch (command.replace(/Command$/, '')) {
      case 'UploadPart':
        // A request outlives the collections of young garbage: each leaves some 50 KB.
        if ('PartNumber' in input && Number(input.PartNumber) % MANY_PARTS === 0) collectGarbage()
        return send()
      case 'CreateMultipartUpload':
        return this.#create(send)
      case 'CompleteMultipartUpload':
        // A list of ten thousand parts takes 70 MB: the parts' buffers, garbage by now, make room for it.
        if (this.#feed.parts >= MANY_PARTS) collectGarbage()
        if (!this.#bucket.profile.conditionalComplete)
          await refuseExisting(this.#bucket, this.#key, this.#client)
        this.finishing = true
        return send()
      case 'PutObject':
        this.finishing = true
        return send()
      default:
        return send()
    }
  }

  async #create<T extends { output: ServiceOutputTypes }>(send: () => Promise<T>): Promise<T> {
    this.strays = true
    const answer = await send()
    this.strays = (answer.output.$metadata.attempts ?? 1) > 1
    if ('UploadId' in answer.output && answer.output.UploadId !== undefined) {
      this.upload = { key: this.#key, uploadId: answer.output.UploadId, initiated: new Date() }
      this.#bucket.journal?.opened(this.upload)
    }
    return answer
  }
}

/** Throws `store-conflict` when an object stands at `key`. */
export async function refuseExisting(bucket: Bucket, key: string, client: S3Client): Promise<void> {
  if ((await glance(bucket, key, client)) !== undefined) throw conflict(bucket, key)
}

export function conflict(bucket: Bucket, key: string, cause?: unknown): LifeboatError {
  return new LifeboatError(
    'store-conflict',
    `${bucket.place.description}: ${key} exists already, and is not ours.`,
    {
      hint: 'Nothing was overwritten. Two runs with one name, or a prefix in use by something else: run this again.',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}
