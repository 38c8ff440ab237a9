import { open, type FileHandle } from 'node:fs/promises'
import type { ArchiveLayout } from './table-of-contents.ts'

/** What stands where an offset is, as `pg_backup_archiver.h` has it. */
const NOT_SET = 1
const SET = 2
/** Kinds of blocks, as `pg_backup_custom.c` writes them. */
const ROWS = 1
const LARGE_OBJECTS = 3

const READ_BYTES = 4 * 2 ** 20
/** Of a number: a sign and four bytes. */
const NUMBER_BYTES = 5

/** Where in an archive the rows of one table, or the large objects, lie: bytes from its beginning. */
export interface Block {
  readonly start: number
  readonly end: number
}

/**
 * Writes into the table of contents of the archive at `path` where the rows of each table begin, and gives by entry where
 * all rows are.
 * pg_dump cannot do that when it writes into a pipe, and without it each job of `pg_restore --jobs` reads its way through
 * the archive, row by row, again and again. An archive whose blocks are not as they should be is left as it is:
 * pg_restore says what is wrong with it. The layout is that of `_PrintTocData` in PostgreSQL's `pg_backup_custom.c`.
 */
export async function markOffsets(path: string, layout: ArchiveLayout): Promise<ReadonlyMap<number, Block>> {
  // What other machines than today's wrote.
  if (layout.offsetBytes !== 8 || layout.intBytes !== 4) return new Map()
  await using file = await open(path, 'r+')
  const blocks = (await findBlocks(file, layout)) ?? new Map<number, Block>()
  const state = Buffer.alloc(1)
  for (const [id, { start }] of blocks) {
    const place = layout.offsetAt.get(id)
    if (place === undefined) continue
    await file.read(state, 0, 1, place)
    if (state[0] !== NOT_SET) continue
    const mark = Buffer.alloc(9)
    mark[0] = SET
    mark.writeBigUInt64LE(BigInt(start), 1)
    await file.write(mark, 0, mark.length, place)
  }
  return blocks
}

/** By entry; undefined where the blocks are not as they should be. */
async function findBlocks(
  file: FileHandle,
  { end }: ArchiveLayout,
): Promise<ReadonlyMap<number, Block> | undefined> {
  const blocks = new Map<number, Block>()
  const marks = new Marks(file, end)
  for (let start = end; await marks.more(); start = marks.position) {
    const kind = marks.byte()
    if (!(await marks.more())) return undefined
    if (kind !== ROWS && kind !== LARGE_OBJECTS) return undefined
    const id = marks.int()
    if (blocks.has(id)) return undefined
    if (!(await (kind === ROWS ? passChunks(marks) : passLargeObjects(marks)))) return undefined
    blocks.set(id, { start, end: marks.position })
  }
  return blocks
}

/** Passes over large objects, each behind its number, up to a zero; false where they end too early. */
async function passLargeObjects(marks: Marks): Promise<boolean> {
  for (;;) {
    if (!(await marks.more())) return false
    if (marks.int() === 0) return true
    if (!(await passChunks(marks))) return false
  }
}

/** Passes over chunks, each behind its length, up to the empty one that ends them; false where they end too early. */
async function passChunks(marks: Marks): Promise<boolean> {
  for (;;) {
    // Asked for each of millions of rows: only where the buffer ends there is anything to wait for.
    if (!marks.isAtHand && !(await marks.more())) return false
    const length = marks.int()
    if (length === 0) return true
    if (length < 0) return false
    marks.skip(length)
  }
}

/** Reads the marks between rows, and of the rows no more than happens to lie in the same piece of the file. */
class Marks {
  readonly #file: FileHandle
  readonly #room = Buffer.alloc(READ_BYTES)
  #piece = this.#room.subarray(0, 0)
  /** Where in the file the piece begins, and where in the piece the next mark does: perhaps beyond its end. */
  #start: number
  #at = 0

  constructor(file: FileHandle, start: number) {
    this.#file = file
    this.#start = start
  }

  get position(): number {
    return this.#start + this.#at
  }

  get isAtHand(): boolean {
    return this.#at + NUMBER_BYTES <= this.#piece.length
  }

  /** Has a number ready, unless the file ends here. */
  async more(): Promise<boolean> {
    if (!this.isAtHand) {
      this.#start = this.position
      this.#at = 0
      const { bytesRead } = await this.#file.read(this.#room, 0, READ_BYTES, this.#start)
      this.#piece = this.#room.subarray(0, bytesRead)
    }
    return this.isAtHand
  }

  byte(): number {
    const byte = this.#piece[this.#at] ?? 0
    this.#at += 1
    return byte
  }

  /** A sign, then the bytes, lowest first. */
  int(): number {
    const sign = this.byte() === 0 ? 1 : -1
    const value = this.#piece.readUInt32LE(this.#at)
    this.#at += 4
    return sign * value
  }

  skip(bytes: number): void {
    this.#at += bytes
  }
}
