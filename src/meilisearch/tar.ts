import { LifeboatError } from '../errors.ts'

const BLOCK = 512
/** A field of the header holds so many characters of a name; longer ones get an entry of their own before theirs. */
const NAME_BYTES = 100
const OCTAL_LIMIT = 8 ** 11

/** The header of a regular file of `size` bytes; the file's bytes and `tarPadding` follow. */
export function tarHeader(name: string, size: number, modified: Date): Buffer {
  const bytes = Buffer.from(name)
  if (bytes.length <= NAME_BYTES) return header(bytes, { size, modified, type: '0' })
  const long = Buffer.concat([bytes, Buffer.alloc(1)])
  return Buffer.concat([
    header(Buffer.from('././@LongLink'), { size: long.length, modified, type: 'L' }),
    long,
    tarPadding(long.length),
    header(bytes.subarray(0, NAME_BYTES), { size, modified, type: '0' }),
  ])
}

/** An empty folder; its name ends in `/`. */
export function tarFolder(name: string, modified: Date): Buffer {
  return header(Buffer.from(name), { size: 0, modified, type: '5' })
}

/** What fills the last block of a file of `size` bytes. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
}

/** The end of an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK)
}

function header(
  name: Buffer,
  {
    size,
    modified,
    type,
  }: { readonly size: number; readonly modified: Date; readonly type: '0' | '5' | 'L' },
): Buffer {
  const block = Buffer.alloc(BLOCK)
  name.copy(block, 0)
  octal(block, 100, 8, 0o600)
  octal(block, 108, 8, 0)
  octal(block, 116, 8, 0)
  if (size < OCTAL_LIMIT) octal(block, 124, 12, size)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  octal(block, 136, 12, Math.floor(modified.getTime() / 1000))
  block.write(' '.repeat(8), 148)
  block.write(type, 156)
  block.write('ustar  \0', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function octal(block: Buffer, at: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at)
}

/** One file of an archive. Its bytes have to be read, or the next one is not found. */
export interface TarEntry {
  /** Without a `./` in front. */
  readonly name: string
  readonly size: number
  bytes(): AsyncGenerator<Uint8Array, void, undefined>
}

/**
 * The regular files of an archive, one after another, as they stand in the stream; what is not read of one is skipped.
 * Throws `damaged` where the archive is cut or no tar.
 */
export async function* tarEntries(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<TarEntry, void, undefined> {
  const reader = new BlockReader(input)
  let longName: string | undefined
  try {
    for (;;) {
      const block = await reader.take(BLOCK)
      if (block === undefined) throw damaged('it ends without its end')
      if (block.every((byte) => byte === 0)) {
        await reader.drain()
        return
      }
      const { name, size, type } = parseHeader(block)
      if (type === 'L' || type === 'x') {
        if (size > 1024 * 1024) throw damaged('a name is too long')
        const text = (await reader.take(size))?.toString('utf8') ?? ''
        longName = type === 'L' ? text.replace(/\0.*$/s, '') : (paxPath(text) ?? longName)
        await reader.skip(tarPadding(size).length)
        continue
      }
      let left = size
      const bytes = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        while (left > 0) {
          const piece = await reader.some(left)
          if (piece === undefined) throw damaged('it is cut')
          left -= piece.length
          yield piece
        }
      }
      const full = (longName ?? name).replace(/^\.\//, '')
      longName = undefined
      if (type === '0' || type === '\0') yield { name: full, size, bytes }
      await reader.skip(left + tarPadding(size).length)
    }
  } finally {
    await reader.close()
  }
}

function parseHeader(block: Buffer): { name: string; size: number; type: string } {
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (Number.parseInt(field(block, 148, 8), 8) !== sum) throw damaged('it is no tar, or damaged')
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? field(block, 345, 155) : ''
  const name = `${prefix === '' ? '' : `${prefix}/`}${field(block, 0, NAME_BYTES)}`
  const large = (block[124] ?? 0) & 0x80
  const size = large ? Number(block.readBigUInt64BE(128)) : Number.parseInt(field(block, 124, 12) || '0', 8)
  if (!Number.isSafeInteger(size) || size < 0) throw damaged('a size is none')
  return { name, size, type: block.toString('latin1', 156, 157) }
}

function field(block: Buffer, at: number, length: number): string {
  return block
    .toString('utf8', at, at + length)
    .replace(/\0.*$/s, '')
    .trim()
}

function paxPath(text: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(text)?.[1]
}

function damaged(what: string): LifeboatError {
  return new LifeboatError('damaged', `The dump is not a whole archive: ${what}.`)
}

/** Takes a stream apart into pieces of the sizes that are asked for. */
class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Buffer = Buffer.alloc(0)

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#chunks = input[Symbol.asyncIterator]()
  }

  /** At most `most` bytes, what is at hand; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const step = (await this.#chunks.next()) as IteratorResult<Uint8Array, undefined>
      if (step.value === undefined) return undefined
      this.#rest = Buffer.from(step.value.buffer, step.value.byteOffset, step.value.byteLength)
    }
    const piece = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(piece.length)
    return piece
  }

  /** Exactly `size` bytes; undefined where nothing comes any more. */
  async take(size: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = []
    for (let left = size; left > 0;) {
      const piece = await this.some(left)
      if (piece === undefined) {
        if (pieces.length === 0) return undefined
        throw damaged('it is cut')
      }
      pieces.push(piece)
      left -= piece.length
    }
    return Buffer.concat(pieces)
  }

  async skip(size: number): Promise<void> {
    for (let left = size; left > 0;) {
      const piece = await this.some(left)
      if (piece === undefined) throw damaged('it is cut')
      left -= piece.length
    }
  }

  /** To the end: only the end of a stream says that all of it was genuine. */
  async drain(): Promise<void> {
    while ((await this.some(Number.MAX_SAFE_INTEGER)) !== undefined);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
