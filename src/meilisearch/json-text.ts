import { LifeboatError } from '../errors.ts'

/**
 * JSON that stays text. `JSON.parse` makes doubles of numbers, and 12345678901234567890 is none; so objects and arrays are
 * taken apart here at their commas, and every number keeps its digits. It finds where values end and no more: what is
 * inside a value is not checked.
 */

/** Where something stands in the bytes: from `start` to before `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A member of an object: `key` with its quotes. */
export interface Member {
  readonly key: Span
  readonly value: Span
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** The elements of the array at `at`. Throws `damaged` where it has no end. */
export function elementsOf(bytes: Uint8Array, at = 0): Span[] {
  const found: Span[] = []
  scanElements(bytes, at, found)
  return found
}

/** Puts the elements of the array at `at` into `into`, and gives where the array ends. */
export function scanElements(bytes: Uint8Array, at: number, into: Span[]): number {
  let position = afterOpening(bytes, at, OPEN_ARRAY)
  if (bytes[position] === CLOSE_ARRAY) return position + 1
  for (;;) {
    const end = valueEnd(bytes, position)
    into.push({ start: position, end })
    const next = skipSpace(bytes, end)
    if (bytes[next] === CLOSE_ARRAY) return next + 1
    position = afterOpening(bytes, next, COMMA)
  }
}

/**
 * The members of the object at `at`, four numbers each: where the key begins and ends, and the value. Flat, because a
 * million documents would be tens of millions of objects. Gives how many numbers were written into `into`.
 */
export function scanMembers(bytes: Uint8Array, at: number, into: number[]): number {
  let used = 0
  visitMembers(bytes, at, (keyStart, keyEnd, value) => {
    const end = valueEnd(bytes, value)
    into[used++] = keyStart
    into[used++] = keyEnd
    into[used++] = value
    into[used++] = end
    return end
  })
  return used
}

/** Tells `visit` of each member of the object at `at`: where its key stands and its value begins; it gives where that ends. */
export function visitMembers(
  bytes: Uint8Array,
  at: number,
  visit: (keyStart: number, keyEnd: number, value: number) => number,
): void {
  let position = afterOpening(bytes, at, OPEN_OBJECT)
  if (bytes[position] === CLOSE_OBJECT) return
  for (;;) {
    if (bytes[position] !== QUOTE) throw malformed(position)
    const keyEnd = stringEnd(bytes, position)
    const end = visit(position, keyEnd, afterOpening(bytes, keyEnd, COLON))
    const next = skipSpace(bytes, end)
    if (bytes[next] === CLOSE_OBJECT) return
    position = afterOpening(bytes, next, COMMA)
  }
}

/** The members of the object at `at`. Throws `damaged` where it has no end. */
export function membersOf(bytes: Uint8Array, at = 0): Member[] {
  const flat: number[] = []
  const used = scanMembers(bytes, at, flat)
  return Array.from({ length: used / 4 }, (_, index) => {
    const [keyStart = 0, keyEnd = 0, start = 0, end = 0] = flat.slice(index * 4, index * 4 + 4)
    return { key: { start: keyStart, end: keyEnd }, value: { start, end } }
  })
}

/** The value of the member `name` (of plain ASCII) of the object at `at`; undefined where it has none. */
export function memberOf(bytes: Uint8Array, name: string, at = 0): Span | undefined {
  return membersOf(bytes, at).find(({ key }) => textOf(bytes, key) === `"${name}"`)?.value
}

export function textOf(bytes: Uint8Array, { start, end }: Span): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}

/** Where the value that begins at `at` ends. */
export function valueEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at]
  if (first === QUOTE) return stringEnd(bytes, at)
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return containerEnd(bytes, at)
  let end = at
  for (; end < bytes.length; end++) {
    const byte = bytes[end] ?? 0
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte <= 0x20) break
  }
  if (end === at) throw malformed(at)
  return end
}

function containerEnd(bytes: Uint8Array, at: number): number {
  let depth = 0
  for (let position = at; position < bytes.length; position++) {
    const byte = bytes[position]
    if (byte === QUOTE) position = stringEnd(bytes, position) - 1
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--
      if (depth === 0) return position + 1
    }
  }
  throw malformed(at)
}

function stringEnd(bytes: Uint8Array, at: number): number {
  for (let position = at + 1; position < bytes.length; position++) {
    const byte = bytes[position]
    if (byte === QUOTE) return position + 1
    if (byte === BACKSLASH) position++
  }
  throw malformed(at)
}

function afterOpening(bytes: Uint8Array, at: number, opening: number): number {
  const position = skipSpace(bytes, at)
  if (bytes[position] !== opening) throw malformed(position)
  return skipSpace(bytes, position + 1)
}

export function skipSpace(bytes: Uint8Array, at: number): number {
  let position = at
  while (position < bytes.length && (bytes[position] ?? 0) <= 0x20) position++
  return position
}

function malformed(at: number): LifeboatError {
  return new LifeboatError('damaged', `This is not JSON at byte ${at}.`)
}
