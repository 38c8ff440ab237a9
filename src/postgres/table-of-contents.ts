import { open } from 'node:fs/promises'
import { LifeboatError } from '../errors.ts'

/** One entry of an archive's table of contents: something that pg_restore creates, fills, sets or grants. */
export interface TocEntry {
  /** What `pg_restore --use-list` knows it by. */
  readonly id: number
  /** `TABLE`, `TABLE DATA`, `FK CONSTRAINT`, … */
  readonly kind: string
  readonly section: 'none' | 'pre-data' | 'data' | 'post-data'
  /** Empty for what lives in no schema. */
  readonly schema: string
  readonly name: string
  readonly owner: string
  /** What makes it; empty where nothing needs to be made. */
  readonly definition: string
  /** Its rows come by one COPY: all of them, or none. */
  readonly copies?: boolean
  /** Ids of entries that have to be there before. */
  readonly needs: readonly number[]
}

export interface Archive {
  /** The database that was dumped. */
  readonly database: string
  /** `15.18` */
  readonly serverVersion: string
  /** `UTF8` */
  readonly encoding: string
  readonly entries: readonly TocEntry[]
  readonly layout: ArchiveLayout
}

/** Where things are in an archive, in bytes. */
export interface ArchiveLayout {
  /** How long numbers and offsets are. */
  readonly intBytes: number
  readonly offsetBytes: number
  /** By entry, the place that says where its rows begin: one byte for whether that is known, then the offset. */
  readonly offsetAt: ReadonlyMap<number, number>
  /** Where the table of contents ends. */
  readonly end: number
}

const SECTIONS = ['none', 'pre-data', 'data', 'post-data'] as const
const FIRST_READ = 2 ** 20
/** The table of contents of a database with a million objects takes less. */
const LARGEST = 2 ** 30

/**
 * Reads the table of contents of a custom-format archive (`pg_dump -Fc`, formats 1.11 to 1.16: PostgreSQL 9 to 18)
 * from its beginning: with what each entry needs, which `pg_restore --list` does not tell. The layout is that of
 * `ReadHead` and `ReadToc` in PostgreSQL's `pg_backup_archiver.c`. Throws `damaged`.
 */
export async function readArchive(path: string): Promise<Archive> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  for (let length = Math.min(size, FIRST_READ); ; length = Math.min(size, length * 8)) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0)
    const archive = parseArchive(buffer.subarray(0, bytesRead))
    if (archive) return archive
    if (length >= size || length >= LARGEST) throw endsInContents()
  }
}

/** As `readArchive`; undefined where `bytes` do not hold the whole table of contents. */
export function parseArchive(bytes: Buffer): Archive | undefined {
  try {
    return parse(new Reader(bytes))
  } catch (error) {
    if (error instanceof EndReached) return undefined
    throw error
  }
}

export function endsInContents(): LifeboatError {
  return damaged('it ends in its table of contents')
}

class EndReached extends Error {}

class Reader {
  readonly #bytes: Buffer
  #at = 0
  #intBytes = 4

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  set intBytes(bytes: number) {
    this.#intBytes = bytes
  }

  get at(): number {
    return this.#at
  }

  take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new EndReached()
    const piece = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return piece
  }

  byte(): number {
    return this.take(1)[0] ?? 0
  }

  /** A sign, then the bytes, lowest first. */
  int(): number {
    const sign = this.byte() === 0 ? 1 : -1
    return sign * this.take(this.#intBytes).reduceRight((value, each) => value * 256 + each, 0)
  }

  /** Empty where the archive has no string. */
  text(): string {
    return this.textOrNone() ?? ''
  }

  textOrNone(): string | undefined {
    const length = this.int()
    return length < 0 ? undefined : decode(this.take(length))
  }
}

function parse(reader: Reader): Archive {
  if (reader.take(5).toString('latin1') !== 'PGDMP') {
    throw new LifeboatError('damaged', 'This is no archive of pg_dump in the custom format.', {
      hint: 'Lifeboat restores what `pg_dump -Fc` wrote. A plain .sql dump is a script: read it, then run it with psql.',
    })
  }
  const [major, version] = [reader.byte(), reader.byte()]
  reader.byte()
  if (major !== 1 || version < 11 || version > 16) {
    throw new LifeboatError('platform', `The archive cannot be read: its format is ${major}.${version}.`, {
      hint: 'A newer pg_dump wrote it than this version of Lifeboat knows (1.11 to 1.16): use a newer Lifeboat.',
    })
  }
  const intBytes = reader.byte()
  reader.intBytes = intBytes
  const offsetBytes = reader.byte()
  if (reader.byte() !== 1) throw damaged('it is not in the custom format')
  if (version >= 15) reader.byte()
  else reader.int()
  // When the dump was made: seven numbers.
  for (let index = 0; index < 7; index++) reader.int()
  const database = reader.text()
  const serverVersion = reader.text()
  reader.text()
  const count = reader.int()
  if (count < 0) throw damaged('it has no table of contents')
  const entries: TocEntry[] = []
  const offsetAt = new Map<number, number>()
  for (let index = 0; index < count; index++) {
    const entry = parseEntry(reader, version)
    offsetAt.set(entry.id, reader.at)
    reader.take(1 + offsetBytes)
    entries.push(entry)
  }
  const encoding = entries.find(({ kind }) => kind === 'ENCODING')?.definition ?? ''
  return {
    database,
    serverVersion,
    encoding: /'([^']*)'/.exec(encoding)?.[1] ?? 'UTF8',
    entries,
    layout: { intBytes, offsetBytes, offsetAt, end: reader.at },
  }
}

/** All of an entry but where its rows are, which comes last. */
function parseEntry(reader: Reader, version: number): TocEntry {
  const id = reader.int()
  reader.int()
  reader.text()
  reader.text()
  const name = reader.text()
  const kind = reader.text()
  const section = SECTIONS[reader.int() - 1] ?? 'none'
  const definition = reader.text()
  reader.text()
  const copies = reader.text() !== ''
  const schema = reader.text()
  reader.text()
  if (version >= 14) reader.text()
  if (version >= 16) reader.int()
  const owner = reader.text()
  reader.text()
  const needs: number[] = []
  for (let text = reader.textOrNone(); text !== undefined; text = reader.textOrNone())
    needs.push(Number(text))
  return { id, kind, section, schema, name, owner, definition, copies, needs }
}

/** Names are in the encoding of the database: where they are not UTF-8, Latin-1 keeps every byte. */
function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? bytes.toString('latin1') : text
}

function damaged(what: string): LifeboatError {
  return new LifeboatError('damaged', `The archive cannot be read: ${what}.`, {
    hint: 'It is damaged. Use another backup.',
  })
}
