import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { directoryFailure } from './directory/failure.ts'
import { makeFolder } from './directory/make-folder.ts'
import { pathOf, unfinishedPath } from './directory/paths.ts'
import { fileClockSkew, removeFile, writeActivity } from './directory/remove.ts'
import { isMissing, lookAt, walk } from './directory/walk.ts'
import { writeFile } from './directory/write.ts'
import type { PendingUpload, StoredObject, UploadJournal, WriteOptions } from './object-store.ts'
import type { LifecycleStore } from './lifecycle-store.ts'
import type { ObjectLock, ProbedStore } from './probed-store.ts'
import type { ObjectVersion, PrunableStore, Removal, Versioning } from './prunable-store.ts'

export interface DirectoryStoreOptions {
  /** Absolute path; made (0700) when it is missing. */
  readonly directory: string
  readonly journal?: UploadJournal
}

/** A directory as a store (`bucket: file:///srv/backups`): keys are paths in it, readable by their owner only. */
export async function openDirectoryStore(
  options: DirectoryStoreOptions,
): Promise<PrunableStore & LifecycleStore & ProbedStore> {
  const { directory } = options
  if (!isAbsolute(directory)) {
    throw new LifeboatError('input', `The directory ${JSON.stringify(directory)} is not an absolute path.`, {
      hint: 'Write it as file:///srv/backups, with three slashes.',
    })
  }
  try {
    await makeFolder(directory)
  } catch (error) {
    throw directoryFailure(error, directory, 'cannot be made')
  }
  return new DirectoryStore(options)
}

class DirectoryStore implements PrunableStore, LifecycleStore, ProbedStore {
  readonly description: string
  readonly #directory: string
  readonly #journal: UploadJournal | undefined

  constructor({ directory, journal }: DirectoryStoreOptions) {
    this.description = `directory ${directory}`
    this.#directory = directory
    this.#journal = journal
  }

  write(key: string, open: () => AsyncIterable<Uint8Array>, options: WriteOptions): Promise<StoredObject> {
    const journal = this.#journal
    const random = randomBytes(4).toString('hex')
    return writeFile({
      ...options,
      directory: this.#directory,
      key,
      open,
      journal,
      begin: new Date(),
      random,
    })
  }

  async head(key: string): Promise<StoredObject | undefined> {
    try {
      return await lookAt(this.#directory, key)
    } catch (error) {
      throw directoryFailure(error, this.#directory, `cannot look at ${key}`)
    }
  }

  async *read(
    key: string,
    range?: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array> {
    const path = pathOf(this.#directory, key)
    if (range && range.end <= range.start) return
    const span = range ? { start: range.start, end: range.end - 1 } : {}
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024, ...span })) {
        yield chunk as Buffer
      }
    } catch (error) {
      if (!isMissing(error)) throw directoryFailure(error, this.#directory, `cannot read ${key}`)
      throw new LifeboatError('store-missing', `Directory ${this.#directory}: there is no ${key}.`, {
        hint: 'List what the store holds; it may have been removed.',
        cause: error,
      })
    }
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    for await (const found of this.#walk(prefix)) if ('object' in found) yield found.object
  }

  async *uploads(prefix: string): AsyncIterable<PendingUpload> {
    for await (const found of this.#walk(prefix)) if ('unfinished' in found) yield found.unfinished
  }

  async abortUpload(upload: PendingUpload): Promise<void> {
    try {
      await rm(unfinishedPath(this.#directory, upload), { force: true })
    } catch (error) {
      throw directoryFailure(error, this.#directory, `cannot remove what a write of ${upload.key} left`)
    }
  }

  async remove(keys: readonly string[], signal: AbortSignal): Promise<readonly Removal[]> {
    const removals: Removal[] = []
    for (const key of keys) {
      if (signal.aborted) throw cancelled(signal.reason)
      removals.push(await removeFile(this.#directory, key))
    }
    return removals
  }

  lastActivity(upload: PendingUpload): Promise<Date | undefined> {
    return writeActivity(this.#directory, upload)
  }

  clockSkewMs(): Promise<number | undefined> {
    return fileClockSkew(this.#directory, randomBytes(4).toString('hex'))
  }

  versioning(): Promise<Versioning> {
    return Promise.resolve('unsupported')
  }

  async *versions(prefix: string): AsyncIterable<ObjectVersion> {
    for await (const { key, size } of this.list(prefix)) yield { key, versionId: ONLY_VERSION, size }
  }

  removeVersions(versions: readonly ObjectVersion[], signal: AbortSignal): Promise<readonly Removal[]> {
    return this.remove(
      versions.map(({ key }) => key),
      signal,
    )
  }

  /** A directory removes nothing by itself. */
  lifecycle(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  replaceLifecycle(): Promise<void> {
    return Promise.reject(new TypeError('a directory has no lifecycle rules'))
  }

  /** A link, which makes an object, never replaces what is there: a write is enough to see it. */
  async overwrite(key: string): Promise<'refused' | 'overwritten'> {
    const signal = new AbortController().signal
    try {
      await this.write(key, overwritten, { expectedBytes: 1, signal })
      return 'overwritten'
    } catch (error) {
      if (error instanceof LifeboatError && error.code === 'store-conflict') return 'refused'
      throw error
    }
  }

  objectLock(): Promise<ObjectLock> {
    return Promise.resolve({ state: 'unsupported' })
  }

  close(): void {
    // Nothing is held open between calls.
  }

  async *#walk(prefix: string): ReturnType<typeof walk> {
    try {
      yield* walk(this.#directory, prefix)
    } catch (error) {
      throw directoryFailure(error, this.#directory, 'cannot list')
    }
  }
}

/** What S3 calls the version of an object in a bucket without versions. */
const ONLY_VERSION = 'null'

async function* overwritten(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from('overwritten'))
}

function cancelled(cause: unknown): LifeboatError {
  return new LifeboatError('cancelled', 'Removing was cancelled; what was removed until then is gone.', {
    cause,
  })
}
