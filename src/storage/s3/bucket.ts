import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { NodeHttpHandler } from '@smithy/node-http-handler'
import type { UploadJournal } from '../object-store.ts'
import type { StoreProfile } from '../profile.ts'
import { expectAnswers } from './answer.ts'
import { type StoreClock, watchClock } from './clock.ts'
import { sendContentMd5 } from './content-md5.ts'
import type { Place } from './failure.ts'
import { connections, type RequestWatch, watchedHandler } from './request-handler.ts'
import { DEFAULT_RETRIES, retryStrategy } from './retry.ts'
import type { S3StoreOptions } from './options.ts'

const IDLE_MS = 120_000

/** One bucket: its clients, its limits, and how it is called in messages. Owns the connections. */
export class Bucket implements Disposable {
  readonly name: string
  readonly profile: StoreProfile
  readonly place: Place
  readonly journal: UploadJournal | undefined
  readonly partBytes: number | undefined
  readonly retries: number
  /** For everything but writing; its requests, pauses and bodies end with the run. */
  readonly client: S3Client
  /** What ends them. */
  readonly signal: AbortSignal | undefined
  /** What time the answers to it say. */
  readonly clock: StoreClock
  readonly #connections: NodeHttpHandler
  readonly #idleMs: number
  #fresh: { readonly client: S3Client; readonly connections: NodeHttpHandler } | undefined
  readonly #config: S3ClientConfig
  /** Learnt at the first write. */
  readonly #habits = { wantsContentMd5: false }

  constructor(options: S3StoreOptions, profile: StoreProfile) {
    this.name = options.bucket
    this.profile = profile
    this.journal = options.journal
    this.partBytes = options.partBytes
    this.retries = options.retries ?? DEFAULT_RETRIES
    this.place = {
      description: `${profile.title} bucket ${options.bucket}`.replace(
        /^S3 store (\S+) bucket (.*)$/,
        'bucket $2 at $1',
      ),
      bucket: options.bucket,
      endpoint: options.endpoint,
    }
    this.signal = options.signal
    this.#idleMs = options.idleMs ?? IDLE_MS
    this.#connections = connections(this.#idleMs)
    this.#config = clientConfig(options, profile)
    this.client = this.#ending(this.#connections, options.signal)
    this.clock = watchClock(this.client)
  }

  /** A client for one write, all of whose requests and retries end with `signal`. */
  writer(signal: AbortSignal, watch: RequestWatch): S3Client {
    return this.#client(watchedHandler(this.#connections, watch), signal)
  }

  /** A client for what goes on after a cancel, such as tidying up: all of it ends with `signal` alone. */
  until(signal: AbortSignal): S3Client {
    return this.#ending(this.#connections, signal)
  }

  /** As `client`, with a new connection for each request: what a second reading asks. */
  get fresh(): S3Client {
    if (this.#fresh === undefined) {
      const own = connections(this.#idleMs, { keepAlive: false })
      this.#fresh = { connections: own, client: this.#ending(own, this.signal) }
    }
    return this.#fresh.client
  }

  [Symbol.dispose](): void {
    this.client.destroy()
    this.#connections.destroy()
    this.#fresh?.client.destroy()
    this.#fresh?.connections.destroy()
  }

  #ending(over: NodeHttpHandler, signal: AbortSignal | undefined): S3Client {
    if (signal === undefined) return this.#client(over, signal)
    return this.#client(watchedHandler(over, { signalOf: () => signal, onUnclean: () => undefined }), signal)
  }

  #client(
    requestHandler: NonNullable<S3ClientConfig['requestHandler']>,
    signal: AbortSignal | undefined,
  ): S3Client {
    const client = new S3Client({
      ...this.#config,
      // Taken from the first client, where there is one: it has asked for them already and knows when they expire.
      credentials:
        (this.client as S3Client | undefined)?.config.credentials ?? this.#config.credentials ?? never(),
      requestHandler,
      retryStrategy: retryStrategy({ retries: this.retries, signal, random: Math.random }),
    })
    sendContentMd5(client, this.#habits)
    expectAnswers(client, this.place.description)
    return client
  }
}

function never(): never {
  throw new TypeError('a store needs credentials')
}

function clientConfig(options: S3StoreOptions, profile: StoreProfile): S3ClientConfig {
  return {
    region: options.region ?? profile.region,
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    credentials: options.credentials,
    forcePathStyle: profile.pathStyle,
    followRegionRedirects: profile.kind === 'aws',
    // R2 has answered 501 to the CRC32 that the SDK adds by itself; the payload's SHA-256 is signed anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A silent store would cost six seconds a part.
    expectContinueHeader: false,
    maxAttempts: (options.retries ?? DEFAULT_RETRIES) + 1,
  }
}
