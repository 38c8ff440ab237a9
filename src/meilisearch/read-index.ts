import { open, type FileHandle } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { youngGarbage } from '../pipeline/garbage.ts'
import type { IndexInfo, MeilisearchClient } from './client.ts'
import { DocumentsDigest } from './documents-digest.ts'
import { readDocuments, type DocumentsPage } from './documents.ts'
import { isMissingIndex } from './failure.ts'
import { measureVectors, withoutDimensions } from './importable-settings.ts'
import { memberOf, textOf } from './json-text.ts'
import { doneSwaps, newestSwapOf } from './swaps.ts'

/** One index as it was read; its documents are in the spool file, one a line. */
export interface ReadIndex {
  readonly info: IndexInfo
  /** As the API gave them. */
  readonly settings: Buffer
  /** Of the vectors of embedders whose settings do not say it. */
  readonly dimensions: ReadonlyMap<string, number>
  readonly documents: number
  readonly bytes: number
  readonly digest: string
  /** False where it changed in every attempt. */
  readonly consistent: boolean
  /** The newest swap of any indexes that was done then; -1 where there was none. */
  readonly swapsUntil: number
}

export interface ReadIndexOptions {
  /** Where its documents go: a file of ours that nobody else can read. */
  readonly spool: string
  /** How often an index that changed is read again. */
  readonly retries: number
  readonly allowInconsistent: boolean
  readonly log: Log
  /** Told of each page. */
  readonly sawPage: (documents: number) => void
  /** Milliseconds before it is read again for the first time; it doubles. */
  readonly pauseMs?: number
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * Reads one index whole, and again where it changed meanwhile: the API pages through what is there at the moment of each
 * page. Its documents' number, its time of change and its newest task are compared before and after. Throws `snapshot`
 * where it never held still and that is not allowed, or where it is gone.
 */
export async function readIndex(
  client: MeilisearchClient,
  uid: string,
  options: ReadIndexOptions,
): Promise<ReadIndex> {
  const { retries, allowInconsistent, log, pauseMs } = options
  for (let attempt = 0; ; attempt++) {
    const { read, change } = await readOnce(client, uid, options)
    if (change === undefined) return { ...read, consistent: true }
    if (attempt < retries) {
      log.info(`Index "${uid}" ${change} while it was read: it is read again (${attempt + 1} of ${retries}).`)
      await pauseBefore(attempt, pauseMs, client.signal)
    } else if (allowInconsistent) {
      log.warning(
        `Index "${uid}" ${change} while it was read, ${attempt + 1} times: what is in the backup is no single moment of it.`,
      )
      return { ...read, consistent: false }
    } else {
      throw new LifeboatError(
        'snapshot',
        `Index "${uid}" ${change} while it was read, ${attempt + 1} times: the API gives no snapshot of an index that is written to.`,
        {
          hint:
            'Run the backup when nothing is indexed, or let the server make the dump (meili-dump-dir), which is a snapshot. ' +
            'allow-inconsistent: true takes it as it is, and says so in the manifest.',
        },
      )
    }
  }
}

/** What an index is at one moment. */
interface State {
  readonly info: IndexInfo
  readonly documents: number
  /** Of its own, or a swap that moved it. */
  readonly newestTask: number | undefined
  readonly swapsUntil: number
  /** What a document has, as the server says; 0 where it has none. */
  readonly averageBytes: number | undefined
}

async function readOnce(
  client: MeilisearchClient,
  uid: string,
  options: ReadIndexOptions,
): Promise<{ read: Omit<ReadIndex, 'consistent'>; change: string | undefined }> {
  try {
    const before = await stateOf(client, uid)
    const settings = await client.settings(uid)
    const digest = new DocumentsDigest()
    const dimensions = new Map<string, number>()
    const unknown = withoutDimensions(settings)
    const cameIn = youngGarbage()
    let bytes = 0
    await using file = await open(options.spool, 'w', 0o600)
    for await (const page of readDocuments(client, uid, before.averageBytes)) {
      if (!unknown.every((name) => dimensions.has(name))) measurePage(page, unknown, dimensions)
      bytes += await writeLines(page, digest, file)
      cameIn(page.bytes.length)
      options.sawPage(digest.documents)
    }
    const after = await stateOf(client, uid)
    const { documents } = digest
    const read = {
      info: before.info,
      settings,
      dimensions,
      documents,
      bytes,
      digest: digest.hex(),
      swapsUntil: after.swapsUntil,
    }
    return { read, change: changeBetween(before, after, documents) }
  } catch (error) {
    if (!isMissingIndex(error)) throw error
    throw new IndexGone(uid, error)
  }
}

/** An index that was listed is not there any more. */
export class IndexGone extends LifeboatError {
  constructor(uid: string, cause?: unknown) {
    super('snapshot', `Index "${uid}" was deleted or renamed while the backup was made.`, {
      hint: 'Run the backup again, when no index is being swapped or removed. Or let the server make the dump (meili-dump-dir).',
      ...(cause === undefined ? {} : { cause }),
    })
  }
}

async function stateOf(client: MeilisearchClient, uid: string): Promise<State> {
  const info = await client.index(uid)
  if (!info) throw new IndexGone(uid)
  const { numberOfDocuments: documents, avgDocumentSize: averageBytes } = await client.stats(uid)
  const own = await client.tasks(`indexUids=${encodeURIComponent(uid)}&limit=1`)
  const swaps = await doneSwaps(client)
  const newest = [own.results[0]?.uid, newestSwapOf(uid, swaps)].filter((task) => task !== undefined)
  return {
    info,
    documents,
    newestTask: newest.length > 0 ? Math.max(...newest) : undefined,
    swapsUntil: swaps[0]?.uid ?? -1,
    averageBytes,
  }
}

/** What happened to it, as a part of a sentence; undefined: nothing. */
export function changeBetween(before: State, after: State, read: number): string | undefined {
  if (after.documents !== before.documents) {
    return `went from ${before.documents} to ${after.documents} documents`
  }
  if (after.info.updatedAt !== before.info.updatedAt) return 'was changed'
  if (after.info.createdAt !== before.info.createdAt) return 'was made anew'
  if (after.newestTask !== before.newestTask) return `was given a task (${after.newestTask ?? 'none'})`
  if (read !== before.documents) return `gave ${read} of its ${before.documents} documents`
  return undefined
}

function measurePage(
  { bytes, spans }: DocumentsPage,
  names: readonly string[],
  into: Map<string, number>,
): void {
  for (const { start } of spans) {
    if (names.every((name) => into.has(name))) return
    const vectors = memberOf(bytes, '_vectors', start)
    if (vectors) measureVectors(JSON.parse(textOf(bytes, vectors)), into)
  }
}

const NEWLINE = 0x0a
const RETURN = 0x0d

/** Large documents are written where they lie; of small ones a copy is cheaper than a call for each. */
const LARGE_BYTES = 256 * 1024

/** Writes the page's documents, one a line, and gives how many bytes that is. */
async function writeLines(
  { bytes, spans }: DocumentsPage,
  digest: DocumentsDigest,
  file: FileHandle,
): Promise<number> {
  // White space between the values of a document would end its line; inside strings there are no such bytes.
  if (bytes.includes(NEWLINE) || bytes.includes(RETURN)) {
    for (let at = 0; at < bytes.length; at++)
      if (bytes[at] === NEWLINE || bytes[at] === RETURN) bytes[at] = 0x20
  }
  const length = spans.reduce((sum, { start, end }) => sum + end - start + 1, 0)
  for (const span of spans) digest.add(bytes, span)
  if (length > spans.length * LARGE_BYTES) {
    for (const { start, end } of spans) {
      await file.appendFile(bytes.subarray(start, end))
      await file.appendFile('\n')
    }
    return length
  }
  const lines = Buffer.allocUnsafe(length)
  let at = 0
  for (const span of spans) {
    at += bytes.copy(lines, at, span.start, span.end)
    lines[at++] = NEWLINE
  }
  await file.appendFile(lines)
  return length
}

/** Before something is read again: longer each time. Throws what `signal` was aborted with. */
export async function pauseBefore(
  attempt: number,
  pauseMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const milliseconds = Math.min(LONGEST_PAUSE_MS, (pauseMs ?? FIRST_PAUSE_MS) * 2 ** attempt)
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch {
    throw signal.reason
  }
}
