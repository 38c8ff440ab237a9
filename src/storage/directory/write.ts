import { type FileHandle, link, open as openFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LifeboatError } from '../../errors.ts'
import { BodyReader } from '../body-reader.ts'
import type { StoredObject, UploadJournal, WriteOptions } from '../object-store.ts'
import { codeOf, directoryFailure } from './failure.ts'
import { makeFolder } from './make-folder.ts'
import { beginUpload, pathOf, unfinishedPath } from './paths.ts'
import { lookAt } from './walk.ts'

export interface FileOrder extends WriteOptions {
  readonly directory: string
  readonly key: string
  readonly open: () => AsyncIterable<Uint8Array>
  readonly journal: UploadJournal | undefined
  readonly begin: Date
  /** Eight lower-case hexadecimal digits. */
  readonly random: string
}

/**
 * Collects the bytes in a hidden file beside the object's place, brings them to the disk, and only then links them
 * there: link(2) never replaces a file, as rename(2) would. See `ObjectStore.write`.
 */
export async function writeFile(order: FileOrder): Promise<StoredObject> {
  const { directory, key, signal, journal } = order
  const path = pathOf(directory, key)
  const upload = beginUpload(key, order.begin, order.random)
  const unfinished = unfinishedPath(directory, upload)
  try {
    signal.throwIfAborted()
    if (await lookAt(directory, key)) throw conflict(order)
    await makeFolder(dirname(path))
    journal?.opened(upload)
    try {
      const size = await collect(unfinished, order)
      await link(unfinished, path)
      await rm(unfinished)
      await syncFolders(directory, key)
      return { key, size, lastModified: (await lookAt(directory, key))?.lastModified ?? order.begin }
    } finally {
      await rm(unfinished, { force: true })
      journal?.closed(upload)
    }
  } catch (error) {
    throw explain(error, order)
  }
}

async function collect(path: string, { open, signal, onProgress }: FileOrder): Promise<number> {
  const file = await openFile(path, 'wx', 0o600)
  try {
    const body = new BodyReader(open(), signal)
    try {
      let size = 0
      for (let chunk = await body.next(); chunk; chunk = await body.next()) {
        await writeAll(file, chunk)
        size += chunk.length
        onProgress?.(size)
      }
      if (size === 0) throw empty()
      await file.sync()
      return size
    } finally {
      await body.close()
    }
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten
}

/** A new name is on the disk when its folder is, and a new folder when the one above is. */
async function syncFolders(directory: string, key: string): Promise<void> {
  const folders = key.split('/').slice(0, -1)
  for (let depth = folders.length; depth >= 0; depth--) {
    const folder = await openFile(join(directory, ...folders.slice(0, depth)), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}

function explain(error: unknown, order: FileOrder): unknown {
  if (error instanceof LifeboatError) return error
  if (order.signal.aborted) {
    return new LifeboatError('cancelled', `Writing ${order.key} was cancelled; nothing of it was kept.`, {
      cause: error,
    })
  }
  if (codeOf(error) === 'EEXIST' && isLink(error)) return conflict(order)
  return directoryFailure(error, order.directory, `cannot write ${order.key}`)
}

/** `mkdir` finds something in its way too, but that is no object at the key. */
function isLink(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'link'
}

function conflict({ directory, key }: FileOrder): LifeboatError {
  return new LifeboatError(
    'store-conflict',
    `Directory ${directory}: ${key} exists already, and is not ours.`,
    {
      hint: 'Nothing was overwritten. Two runs with one name, or a prefix in use by something else: run this again.',
    },
  )
}

function empty(): LifeboatError {
  return new LifeboatError('store', 'There is nothing to store: not one byte came.', {
    hint: 'An empty object is no backup. Look at what should have written it.',
  })
}
