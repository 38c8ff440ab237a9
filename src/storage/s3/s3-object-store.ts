import { randomUUID } from 'node:crypto'
import type { ObjectStore, PendingUpload, StoredObject, WriteOptions } from '../object-store.ts'
import type { StoreProfile } from '../profile.ts'
import { Bucket } from './bucket.ts'
import { listObjects } from './listing.ts'
import { readObject } from './read.ts'
import type { S3StoreOptions } from './s3-store.ts'
import { pendingUploads, removeUpload } from './sweep.ts'
import { writeObject } from './write.ts'

/** A bucket as `ObjectStore`. Made by `openS3Store`, which loads the SDK only when it is needed. */
export class S3ObjectStore implements ObjectStore {
  readonly description: string
  readonly #bucket: Bucket
  readonly #nonce: () => string

  constructor(options: S3StoreOptions, profile: StoreProfile) {
    this.#bucket = new Bucket(options, profile)
    this.#nonce = options.nonce ?? randomUUID
    this.description = this.#bucket.place.description
  }

  write(key: string, open: () => AsyncIterable<Uint8Array>, options: WriteOptions): Promise<StoredObject> {
    return writeObject(this.#bucket, { ...options, key, open, nonce: this.#nonce() })
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const found = await this.#bucket.head(key)
    return found && { key, size: found.ContentLength ?? 0, lastModified: found.LastModified ?? new Date(0) }
  }

  read(key: string, range?: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array> {
    return readObject(this.#bucket, key, range)
  }

  list(prefix: string): AsyncIterable<StoredObject> {
    return listObjects(this.#bucket, prefix)
  }

  uploads(prefix: string): AsyncIterable<PendingUpload> {
    return pendingUploads(this.#bucket, prefix)
  }

  async abortUpload(upload: PendingUpload): Promise<void> {
    await removeUpload(this.#bucket, upload)
  }

  close(): void {
    this.#bucket[Symbol.dispose]()
  }
}
