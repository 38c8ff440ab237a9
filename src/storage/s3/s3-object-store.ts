import { randomUUID } from 'node:crypto'
import type { BucketRule, LifecycleStore } from '../lifecycle-store.ts'
import type { PendingUpload, StoredObject, WriteOptions } from '../object-store.ts'
import type { ObjectVersion, PrunableStore, Removal, Versioning } from '../prunable-store.ts'
import type { ObjectLock, ProbedStore } from '../probed-store.ts'
import type { StoreProfile } from '../profile.ts'
import { uploadActivity } from './activity.ts'
import { Bucket } from './bucket.ts'
import { glance, lookAtObject } from './head.ts'
import { readLifecycle, writeLifecycle } from './lifecycle.ts'
import { listObjects } from './listing.ts'
import { bucketObjectLock, overwriteObject } from './probe.ts'
import { readObject } from './read.ts'
import { type Remove, remover } from './remove.ts'
import type { S3StoreOptions } from './options.ts'
import { pendingUploads, removeUpload } from './sweep.ts'
import { bucketVersioning, objectVersions } from './versions.ts'
import { writeObject } from './write.ts'

/** A bucket as `ObjectStore`. Made by `openS3Store`, which loads the SDK only when it is needed. */
export class S3ObjectStore implements PrunableStore, LifecycleStore, ProbedStore {
  readonly description: string
  readonly #bucket: Bucket
  readonly #nonce: () => string
  readonly #remove: Remove

  constructor(options: S3StoreOptions, profile: StoreProfile) {
    this.#bucket = new Bucket(options, profile)
    this.#remove = remover(this.#bucket)
    this.#nonce = options.nonce ?? randomUUID
    this.description = this.#bucket.place.description
  }

  write(key: string, open: () => AsyncIterable<Uint8Array>, options: WriteOptions): Promise<StoredObject> {
    return writeObject(this.#bucket, { ...options, key, open, nonce: this.#nonce() })
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const found = await lookAtObject(this.#bucket, key)
    return found && { key, size: found.size, lastModified: found.lastModified ?? new Date(0) }
  }

  read(
    key: string,
    range?: { readonly start: number; readonly end: number },
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): AsyncIterable<Uint8Array> {
    return readObject(this.#bucket, { key, range, fresh })
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

  remove(keys: readonly string[], signal: AbortSignal): Promise<readonly Removal[]> {
    return this.#remove(
      keys.map((key) => ({ key })),
      signal,
    )
  }

  lastActivity(upload: PendingUpload): Promise<Date | undefined> {
    return uploadActivity(this.#bucket, upload)
  }

  async clockSkewMs(): Promise<number | undefined> {
    if (this.#bucket.clock.skewMs() === undefined) await glance(this.#bucket, '_lifeboat')
    return this.#bucket.clock.skewMs()
  }

  versioning(): Promise<Versioning> {
    return bucketVersioning(this.#bucket)
  }

  versions(prefix: string): AsyncIterable<ObjectVersion> {
    return objectVersions(this.#bucket, prefix)
  }

  removeVersions(versions: readonly ObjectVersion[], signal: AbortSignal): Promise<readonly Removal[]> {
    return this.#remove(versions, signal)
  }

  lifecycle(): Promise<readonly BucketRule[] | undefined> {
    return readLifecycle(this.#bucket)
  }

  replaceLifecycle(rules: readonly BucketRule[]): Promise<void> {
    return writeLifecycle(this.#bucket, rules)
  }

  overwrite(key: string): Promise<'refused' | 'overwritten' | 'unsupported'> {
    return overwriteObject(this.#bucket, key)
  }

  objectLock(): Promise<ObjectLock> {
    return bucketObjectLock(this.#bucket)
  }

  close(): void {
    this.#bucket[Symbol.dispose]()
  }
}
