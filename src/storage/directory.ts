import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { directoryFailure } from './directory/failure.ts'
import { pathOf, unfinishedPath } from './directory/paths.ts'
import { isMissing, lookAt, walk } from './directory/walk.ts'
import { writeFile } from './directory/write.ts'
import type { ObjectStore, PendingUpload, StoredObject, UploadJournal, WriteOptions } from './object-store.ts'

export interface DirectoryStoreOptions {
  /** Absolute path; made (0700) when it is missing. */
  readonly directory: string
  readonly journal?: UploadJournal
}

/** A directory as a store (`bucket: file:///srv/backups`): keys are paths in it, readable by their owner only. */
export async function openDirectoryStore(options: DirectoryStoreOptions): Promise<ObjectStore> {
  const { directory } = options
  if (!isAbsolute(directory)) {
    throw new LifeboatError('input', `The directory ${JSON.stringify(directory)} is not an absolute path.`, {
      hint: 'Write it as file:///srv/backups, with three slashes.',
    })
  }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw directoryFailure(error, directory, 'cannot be made')
  }
  return new DirectoryStore(options)
}

class DirectoryStore implements ObjectStore {
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
