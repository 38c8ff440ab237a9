import { LifeboatError } from '../errors.ts'
import { decompressGzipInNode } from '../pipeline/gzip-in-node.ts'
import type { IndexContents } from './contents.ts'
import { DocumentsDigest } from './documents-digest.ts'
import { measureVectors } from './importable-settings.ts'
import { hiddenKeyPlaces, settingsDigest } from './settings-text.ts'
import { tarEntries, type TarEntry } from './tar.ts'

/** What a dump holds, read through from its first byte to its last. */
export interface InspectedArchive {
  readonly dumpVersion: string
  readonly serverVersion: string
  /** ISO 8601. */
  readonly time: string
  readonly indexes: readonly InspectedIndex[]
  /** Lines of `keys.jsonl`, parsed. */
  readonly keys: readonly DumpedKey[]
  /** Experimental features that are on. */
  readonly features: readonly string[]
  /** How many the dump has. */
  readonly webhooks: number
}

export interface InspectedIndex extends Omit<IndexContents, 'consistent' | 'apart'> {
  /** Text of `settings.json`. */
  readonly settings: Buffer
  /** How many numbers the vectors of each embedder have, as far as documents have any. */
  readonly dimensions: ReadonlyMap<string, number>
}

export interface DumpedKey {
  readonly uid: string
  readonly name: string | null
  readonly description: string | null
  readonly actions: readonly string[]
  readonly indexes: readonly string[]
  readonly expiresAt: string | null
}

/** What the server does not start without. */
const NEEDED = ['metadata.json', 'keys.jsonl', 'tasks/queue.jsonl']
export const FEATURES = 'experimental-features.json'
const WEBHOOKS = 'webhooks.json'
/** A small file is held whole. */
const MOST_SMALL = 64 * 1024 * 1024
/** The server's own limit on a document is that on a request's body, far below. */
const MOST_LINE = 1024 * 1024 * 1024
const INDEX_FILE = /^indexes\/([^/]+)\/(metadata\.json|settings\.json|documents\.jsonl)$/
/** Those of users; the server gives its own names like `.meili_dsr`. */
const UID = /^(?:\.meili)?[A-Za-z0-9_-]{1,512}$/
/** What else the server reads. Of other files, those that a computer adds by itself among them, it takes no notice. */
const READ_LINES = /^(?:batches\/queue|tasks\/update_files\/[^/]+)\.jsonl$/
const READ_WHOLE = /^(?:network|chat-completions-settings\/[^/]+)\.json$/
/** The only version since Meilisearch 1.0. */
const DUMP_VERSION = 'V6'

/**
 * Reads a dump (of Lifeboat's, the server's or by hand) through: every file is there, every line is a JSON object, and
 * everything is counted and digested. Throws `damaged` with what is wrong, `meilisearch` for a dump of another version.
 */
export async function inspectArchive(dump: AsyncIterable<Uint8Array>): Promise<InspectedArchive> {
  const seen = new Map<string, Buffer>()
  const documents = new Map<string, ReadDocuments>()
  const names = new Set<string>()
  for await (const entry of dumpEntries(dump)) {
    if (names.has(entry.name)) throw damaged(`${entry.name} is in it twice`)
    names.add(entry.name)
    const [, uid, file] = INDEX_FILE.exec(entry.name) ?? []
    if (uid !== undefined && !UID.test(uid)) throw damaged(`${entry.name} is of no index: that is no uid`)
    if (uid !== undefined && file === 'documents.jsonl') documents.set(uid, await digestLines(entry))
    else if (isRead(entry.name)) seen.set(entry.name, await whole(entry))
    else await readThrough(entry)
  }
  if (seen.has('metadata.json')) assertVersion(object(seen, 'metadata.json')['dumpVersion'])
  for (const name of NEEDED)
    if (!seen.has(name)) throw damaged(`it has no ${name}, and no server starts with it`)
  const { dumpVersion, dbVersion, dumpDate } = object(seen, 'metadata.json')
  return {
    dumpVersion: String(dumpVersion),
    serverVersion: String(dbVersion),
    time: String(dumpDate),
    indexes: indexesOf(seen, documents),
    keys: lines(seen.get('keys.jsonl') ?? Buffer.alloc(0), 'keys.jsonl').map(keyOf),
    features: seen.has(FEATURES) ? featuresIn(object(seen, FEATURES)) : [],
    webhooks: seen.has(WEBHOOKS) ? Object.keys(object(seen, WEBHOOKS)['webhooks'] ?? {}).length : 0,
  }
}

function assertVersion(found: unknown): void {
  if (found === DUMP_VERSION) return
  throw new LifeboatError(
    'meilisearch',
    `The dump is of version ${String(found)}; this version of Lifeboat reads ${DUMP_VERSION}.`,
    {
      hint: 'Start a server with it (meilisearch --import-dump), and back that one up.',
    },
  )
}

/** The files of a dump: a compressed tar. */
export function dumpEntries(dump: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, undefined> {
  return tarEntries(decompressGzipInNode().transform(dump))
}

/** Lines of a file, without their end; empty ones are left out. A line is valid until the next is asked for. */
export async function* linesOf(entry: TarEntry): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer[] = []
  let length = 0
  for await (const chunk of entry.bytes()) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let from = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      const piece = bytes.subarray(from, end)
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece])
      rest = []
      length = 0
      from = end + 1
      if (line.length > 0) yield line
    }
    if (from === bytes.length) continue
    rest.push(bytes.subarray(from))
    length += bytes.length - from
    if (length > MOST_LINE) throw damaged(`a line of ${entry.name} has no end`)
  }
  if (length > 0) yield Buffer.concat(rest)
}

type ReadDocuments = Pick<InspectedIndex, 'documents' | 'bytes' | 'documentsDigest' | 'dimensions'>

async function digestLines(entry: TarEntry): Promise<ReadDocuments> {
  const digest = new DocumentsDigest()
  const dimensions = new Map<string, number>()
  for await (const line of linesOf(entry)) {
    const document = assertObject(line, `line ${digest.documents + 1} of ${entry.name}`)
    measureVectors(document['_vectors'], dimensions)
    digest.add(line, { start: 0, end: line.length })
  }
  return { documents: digest.documents, bytes: entry.size, documentsDigest: digest.hex(), dimensions }
}

function indexesOf(
  seen: ReadonlyMap<string, Buffer>,
  documents: ReadonlyMap<string, ReadDocuments>,
): InspectedIndex[] {
  const uids = new Set([...seen.keys()].flatMap((name) => INDEX_FILE.exec(name)?.[1] ?? []))
  for (const uid of documents.keys()) uids.add(uid)
  return [...uids].sort().map((uid) => {
    const settings = seen.get(`indexes/${uid}/settings.json`)
    const found = documents.get(uid)
    if (!settings) throw damaged(`it has no indexes/${uid}/settings.json`)
    if (!found) throw damaged(`it has no indexes/${uid}/documents.jsonl`)
    const metadata = object(seen, `indexes/${uid}/metadata.json`)
    object(seen, `indexes/${uid}/settings.json`)
    if (metadata['uid'] !== uid) throw damaged(`indexes/${uid}/metadata.json is of another index`)
    const primaryKey = typeof metadata['primaryKey'] === 'string' ? metadata['primaryKey'] : null
    if (primaryKey === null && found.documents > 0)
      throw damaged(`index "${uid}" has documents and no primary key`)
    const hiddenKeys = [...hiddenKeyPlaces(settings)]
    return { uid, primaryKey, ...found, settings, settingsDigest: settingsDigest(settings), hiddenKeys }
  })
}

function isRead(name: string): boolean {
  return NEEDED.includes(name) || name === FEATURES || name === WEBHOOKS || INDEX_FILE.test(name)
}

async function whole(entry: TarEntry): Promise<Buffer> {
  if (entry.size > MOST_SMALL) throw damaged(`${entry.name} has ${entry.size} bytes`)
  const chunks: Uint8Array[] = []
  for await (const chunk of entry.bytes()) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}

/** What the server reads has to be JSON, or it does not start. */
async function readThrough(entry: TarEntry): Promise<void> {
  if (READ_LINES.test(entry.name)) {
    let number = 0
    for await (const line of linesOf(entry)) assertObject(line, `line ${++number} of ${entry.name}`)
  } else if (READ_WHOLE.test(entry.name)) assertObject(await whole(entry), entry.name)
}

/** Those that are on. */
export function featuresIn(file: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(file).flatMap(([name, on]) => (on === true ? [name] : []))
}

function object(seen: ReadonlyMap<string, Buffer>, name: string): Record<string, unknown> {
  const bytes = seen.get(name)
  if (!bytes) throw damaged(`it has no ${name}`)
  return assertObject(bytes, name)
}

function lines(bytes: Buffer, name: string): Record<string, unknown>[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((line, index) =>
      line === '' ? [] : [assertObject(Buffer.from(line), `line ${index + 1} of ${name}`)],
    )
}

function assertObject(bytes: Buffer, where: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new LifeboatError('damaged', `The dump is damaged: ${where} is not JSON.`, { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw damaged(`${where} is no JSON object`)
}

function keyOf(line: Record<string, unknown>): DumpedKey {
  const text = (name: string): string | null => (typeof line[name] === 'string' ? line[name] : null)
  const list = (name: string): string[] => (Array.isArray(line[name]) ? line[name].map(String) : [])
  const uid = text('uid')
  if (uid === null) throw damaged('a key in keys.jsonl has no uid')
  return {
    uid,
    name: text('name'),
    description: text('description'),
    actions: list('actions'),
    indexes: list('indexes'),
    expiresAt: text('expires_at'),
  }
}

function damaged(what: string): LifeboatError {
  return new LifeboatError('damaged', `The dump is damaged: ${what}.`)
}
