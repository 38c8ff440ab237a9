import { createReadStream } from 'node:fs'
import { rm, truncate } from 'node:fs/promises'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { compressGzipInNode } from '../pipeline/gzip-in-node.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { MeilisearchClient } from './client.ts'
import type { IndexContents } from './contents.ts'
import { importableSettings } from './importable-settings.ts'
import { IndexGone, readIndex, type ReadIndex } from './read-index.ts'
import { keyLine, type ServerParts } from './server-parts.ts'
import { headerPlaces, settingsDigest, withoutEmbedderKeys } from './settings-text.ts'
import { doneSwaps, tornApart } from './swaps.ts'
import { tarEnd, tarFolder, tarHeader, tarPadding } from './tar.ts'

/** The server's own dumps are compressed so. */
const GZIP_LEVEL = 6

export interface ArchiveOptions {
  readonly client: MeilisearchClient
  readonly parts: ServerParts
  readonly time: Date
  /** A file of ours that nobody else can read; one index's documents are in it at a time. */
  readonly spool: string
  readonly retries: number
  readonly allowInconsistent: boolean
  readonly log: Log
  /** Told that indexes came, went or were swapped; says whether all is begun again, or taken as it is. */
  readonly changed: (error: LifeboatError) => 'begin-again' | 'take-it'
  /** Told of what is in the archive, index by index, and how many of its embedders send HTTP headers. */
  readonly found: (index: IndexContents, withHeaders: number) => void
  readonly pauseMs?: number
}

/** Makes a dump of the tar. */
export const DUMP_STAGES: readonly Stage[] = [compressGzipInNode(GZIP_LEVEL)]

/**
 * A dump in Meilisearch's own format, V6, before its compression: a tar that `meilisearch --import-dump` loads, built while it is
 * read. Tar wants the size of a file before its bytes, so one index at a time is read into the spool file, compared with
 * the server, and passed on. Memory is that of a page, whatever the size. Throws what `readIndex` throws, and `snapshot`
 * where indexes came, went or were swapped meanwhile, unless `changed` takes it.
 */
export async function* archiveTar(options: ArchiveOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { client, parts, time } = options
  yield* file('metadata.json', metadata(parts.version, time), time)
  yield* file('keys.jsonl', parts.keys.map((key) => `${keyLine(key)}\n`).join(''), time)
  // It has to be there; the API does not give what stands in it.
  yield* file('tasks/queue.jsonl', '', time)
  if (parts.features) yield* file('experimental-features.json', parts.features, time)
  if (parts.webhooks !== undefined) yield* file('webhooks.json', parts.webhooks, time)
  const uids = await listed(client)
  // The folder has to be there even where it is empty.
  if (uids.length === 0) yield tarFolder('indexes/', time)
  const seen = new Map<string, number>()
  try {
    for (const uid of uids) yield* index(uid, seen, options)
  } finally {
    await rm(options.spool, { force: true })
  }
  assertSame(uids, await listed(client), options)
  assertWhole(tornApart(await doneSwaps(client), seen), options)
  yield tarEnd()
}

/** Says that something moves while an index is read: nothing else comes out meanwhile. */
const ALIVE = new Uint8Array(0)

function metadata(version: string, time: Date): string {
  return JSON.stringify({ dumpVersion: 'V6', dbVersion: version, dumpDate: time.toISOString() })
}

async function listed(client: MeilisearchClient): Promise<string[]> {
  return (await client.indexes()).map(({ uid }) => uid)
}

async function* index(
  uid: string,
  seen: Map<string, number>,
  options: ArchiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { client, time, spool, log } = options
  const pages = waitingQueue()
  const reading = readIndex(client, uid, { ...options, sawPage: pages.push })
  reading.then(pages.end, pages.end)
  for (let documents = await pages.next(); documents !== undefined; documents = await pages.next())
    yield ALIVE
  const read = await readUnlessGone(reading, options)
  if (!read) return
  const { info, settings, dimensions, documents, bytes, digest, consistent } = read
  seen.set(uid, read.swapsUntil)
  const { primaryKey, createdAt, updatedAt } = info
  const plain = withoutEmbedderKeys(settings)
  const { json, apart } = importableSettings(Buffer.from(plain.json), dimensions)
  yield* file(`indexes/${uid}/metadata.json`, JSON.stringify({ uid, primaryKey, createdAt, updatedAt }), time)
  yield* file(`indexes/${uid}/settings.json`, json, time)
  yield tarHeader(`indexes/${uid}/documents.jsonl`, bytes, time)
  if (bytes > 0) yield* createReadStream(spool, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>
  yield tarPadding(bytes)
  await truncate(spool)
  log.info(`Index "${uid}": ${documents} documents, ${bytes} bytes.`)
  options.found(
    {
      uid,
      primaryKey,
      documents,
      bytes,
      documentsDigest: digest,
      settingsDigest: settingsDigest(Buffer.from(json)),
      consistent,
      hiddenKeys: [...plain.taken],
      apart,
    },
    headerPlaces(settings).length,
  )
}

function* file(
  name: string,
  content: string | Uint8Array,
  time: Date,
): Generator<Uint8Array, void, undefined> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  yield tarHeader(name, bytes.length, time)
  yield bytes
  yield tarPadding(bytes.length)
}

/** Undefined where it was deleted before it was read, and nothing is consistent any more. */
async function readUnlessGone(
  reading: Promise<ReadIndex>,
  { changed, log }: ArchiveOptions,
): Promise<ReadIndex | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof IndexGone)) throw error
    if (changed(error) === 'begin-again') throw error
    log.warning(`${error.message} It is not in the backup.`)
    return undefined
  }
}

function assertSame(
  before: readonly string[],
  after: readonly string[],
  { changed, log }: ArchiveOptions,
): void {
  const lost = before.filter((uid) => !after.includes(uid))
  const come = after.filter((uid) => !before.includes(uid))
  if (lost.length + come.length === 0) return
  const error =
    lost[0] === undefined
      ? new LifeboatError('snapshot', `While the backup was made, new indexes came: ${come.join(', ')}.`, {
          hint: `${QUIET} allow-inconsistent: true leaves them out.`,
        })
      : new IndexGone(lost[0])
  if (changed(error) === 'begin-again') throw error
  for (const uid of come) log.warning(`Index "${uid}" was made while the backup was: it is not in it.`)
  for (const uid of lost)
    log.warning(`Index "${uid}" was deleted while the backup was made: it may be in it.`)
}

function assertWhole(torn: readonly string[], { changed, log }: ArchiveOptions): void {
  if (torn.length === 0) return
  const names = torn.join(', ')
  const error = new LifeboatError('snapshot', `While the backup was made, indexes were swapped: ${names}.`, {
    hint: `${QUIET} allow-inconsistent: true takes them as they were read: what one of them had may be there twice.`,
  })
  if (changed(error) === 'begin-again') throw error
  log.warning(
    `${error.message} What one of them had may be in the backup twice, and what another had not at all.`,
  )
}

const QUIET = 'Run the backup again, when no index is being made or swapped.'

/** What one side tells the other, which waits for it. */
function waitingQueue(): {
  push: (documents: number) => void
  end: () => void
  next: () => Promise<number | undefined>
} {
  let waiting: ((documents: number | undefined) => void) | undefined
  let latest: number | undefined
  let ended = false
  return {
    push: (documents) => {
      latest = documents
      waiting?.(documents)
      waiting = undefined
    },
    end: () => {
      ended = true
      waiting?.(undefined)
      waiting = undefined
    },
    next: () =>
      new Promise((resolve) => {
        if (ended) resolve(undefined)
        else if (latest !== undefined) {
          resolve(latest)
          latest = undefined
        } else waiting = resolve
      }),
  }
}
