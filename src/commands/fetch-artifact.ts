import { createHash } from 'node:crypto'
import { open, rm, statfs, type FileHandle } from 'node:fs/promises'
import type { Artifact } from '../catalog/manifest.ts'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { youngGarbage } from '../pipeline/garbage.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { diskFailure } from './disk-failure.ts'
import { readTwice } from './second-reading.ts'

const RANGE_BYTES = 16 * 1024 * 1024
/** A second reading is cut otherwise: what is always spoilt at one place of an answer is then spoilt at another. */
const RANGE_BYTES_AGAIN = 5 * 1024 * 1024 + 1
/** So many ranges at once: a single connection to a store rarely fills the line. */
const CONNECTIONS = 8
/** Read at once while a file is hashed. */
const HASH_BYTES = 1024 * 1024

/** What is asked of a store here. */
type Readable = Pick<ObjectStore, 'head' | 'list' | 'read'>

/** Bytes that the file system of `folder` has room for. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** What is fetched, and for whom. */
export interface Fetching {
  readonly folder: string
  readonly artifact: Artifact
  readonly signal: AbortSignal
  readonly log: Pick<Log, 'notice' | 'warning'>
}

export interface Fetched {
  /** Lower-case hexadecimal. */
  readonly sha256: string
}

/**
 * Brings one stored object into a file that nobody else can read, several ranges at a time, hashing as soon as the
 * beginning is there. Throws `damaged` when the store's object has not the recorded size or SHA-256, `store-missing`
 * when it is not there, `platform` when the disk is full. Nothing has looked at its contents then. What is not as recorded
 * is read twice (`second-reading.ts`).
 */
export async function fetchArtifact(
  store: Readable,
  { path, ...fetching }: Fetching & { readonly path: string },
): Promise<Fetched> {
  const { folder, artifact, signal } = fetching
  await assertSize(store, folder, artifact)
  const key = `${folder}${artifact.file}`
  return await readTwice({ key, bytes: artifact.bytes, log: fetching.log }, async ({ fresh, saw }) => {
    if (fresh) await rm(path, { force: true })
    await fetchRanges(store, { key, bytes: artifact.bytes, path, fresh, signal })
    const sha256 = await hashFile(path, signal)
    saw(sha256)
    assertDigest(key, artifact, sha256)
    return { sha256 }
  })
}

async function fetchRanges(
  store: Readable,
  from: {
    readonly key: string
    readonly bytes: number
    readonly path: string
    readonly fresh: boolean
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { key, bytes, path, fresh, signal } = from
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  await using file = await open(path, 'wx', 0o600)
  const size = fresh ? Math.min(RANGE_BYTES_AGAIN, Math.ceil(bytes / 2)) : RANGE_BYTES
  const starts = Array.from({ length: Math.ceil(bytes / size) }, (_, index) => index * size)
  const queue = starts.values()
  const cameIn = youngGarbage()
  const worker = async (): Promise<void> => {
    for (const start of queue) {
      const end = Math.min(start + size, bytes)
      await fetchRange(store, { key, file, range: { start, end }, fresh, cameIn, signal: either })
    }
  }
  const workers = Array.from({ length: Math.min(CONNECTIONS, starts.length) }, worker)
  try {
    await Promise.all(workers)
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(workers)
    throw diskFailure(error, path)
  }
}

/** Reads a whole object, hashing it, without keeping it: for where the disk does not hold it. */
export async function checkArtifact(
  store: Readable,
  { folder, artifact, signal, log }: Fetching,
): Promise<Fetched> {
  await assertSize(store, folder, artifact)
  const key = `${folder}${artifact.file}`
  return await readTwice({ key, bytes: artifact.bytes, log }, async ({ fresh, saw }) => {
    const hash = createHash('sha256')
    for await (const chunk of store.read(key, undefined, { fresh })) {
      signal.throwIfAborted()
      hash.update(chunk)
    }
    const sha256 = hash.digest('hex')
    saw(sha256)
    assertDigest(key, artifact, sha256)
    return { sha256 }
  })
}

async function assertSize(store: Readable, folder: string, { file, bytes }: Artifact): Promise<void> {
  const key = `${folder}${file}`
  const found = await store.head(key)
  if (found === undefined) {
    throw new LifeboatError('store-missing', `There is no ${key}, which the manifest names.`, {
      hint: 'It was removed after the backup was made. Use another backup, and find out who removes objects here.',
    })
  }
  if (found.size === bytes) return
  // What a listing says comes in another answer; one that changed on its way would have to change there, too.
  const size = await listedSize(store, key)
  if (size === undefined || size === bytes) return
  throw new LifeboatError('damaged', `${key} has ${size} bytes; the manifest recorded ${bytes}.`, {
    hint: 'It was cut or replaced in the store. Use another backup, and find out who writes here.',
  })
}

async function listedSize(store: Readable, key: string): Promise<number | undefined> {
  for await (const object of store.list(key)) if (object.key === key) return object.size
  return undefined
}

function assertDigest(key: string, { sha256 }: Artifact, found: string): void {
  if (found === sha256) return
  throw new LifeboatError('damaged', `${key} has the SHA-256 ${found}; the manifest recorded ${sha256}.`, {
    hint: 'It was changed in the store. Use another backup, and find out who writes here.',
  })
}

async function fetchRange(
  store: Readable,
  work: {
    readonly key: string
    readonly file: FileHandle
    readonly range: { readonly start: number; readonly end: number }
    readonly fresh: boolean
    /** Told of the bytes of every buffer. */
    readonly cameIn: (bytes: number) => void
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { key, file, range, fresh, cameIn, signal } = work
  let at = range.start
  for await (const chunk of store.read(key, range, { fresh })) {
    signal.throwIfAborted()
    await writeAll(file, chunk, at)
    at += chunk.length
    cameIn(chunk.length)
  }
  if (at === range.end) return
  throw new LifeboatError('damaged', `${key} ends at byte ${at}, before byte ${range.end}.`)
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done)
    done += bytesWritten
  }
}

/** Fills one buffer again and again: a new one for each read would wait for the collector, by the hundred. */
async function hashFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(HASH_BYTES)
  await using file = await open(path)
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, HASH_BYTES)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(buffer.subarray(0, bytesRead))
  }
}
