import { hash } from 'node:crypto'
import { scanMembers, type Span } from './json-text.ts'

const WORDS = 8
/** Of a document of so many bytes there is no room in memory for twice. */
const LARGE = 1024 * 1024
/** So often may 32 bits be added before a double loses one. */
const SAFE_ADDITIONS = 2 ** 20

/**
 * A digest of documents that does not depend on their order, nor on the order of a document's fields: the sum, modulo
 * 2^256, of the SHA-256 of each document, its fields sorted by name, as the server wrote them. Two servers that hold the
 * same documents give the same.
 */
export class DocumentsDigest {
  readonly #sum = new Float64Array(WORDS)
  readonly #flat: number[] = []
  readonly #order: number[] = []
  #scratch = Buffer.alloc(64 * 1024)
  #additions = 0
  #documents = 0

  /** How many documents were added. */
  get documents(): number {
    return this.#documents
  }

  /** Adds the document at `span`. Throws `damaged` where it is no object. */
  add(bytes: Uint8Array, { start, end }: Span): void {
    const used = scanMembers(bytes, start, this.#flat)
    const length = this.#sorted(bytes, { used, most: end - start + used })
    // As a string: a buffer for each of a million digests is what takes the time.
    const digest = hash('sha256', this.#scratch.subarray(0, length), 'binary')
    for (let word = 0; word < WORDS; word++) {
      this.#sum[word] = (this.#sum[word] ?? 0) + wordAt(digest, word * 4)
    }
    this.#documents += 1
    this.#additions += 1
    if (this.#additions >= SAFE_ADDITIONS) this.#carry()
  }

  /** 64 hexadecimal digits. */
  hex(): string {
    this.#carry()
    return Array.from(this.#sum, (word) => word.toString(16).padStart(8, '0')).join('')
  }

  #carry(): void {
    let carry = 0
    for (let word = WORDS - 1; word >= 0; word--) {
      const sum = (this.#sum[word] ?? 0) + carry
      carry = Math.floor(sum / 2 ** 32)
      this.#sum[word] = sum % 2 ** 32
    }
    this.#additions = 0
  }

  /** Writes `key:value,` of each field into the scratch buffer, by name; gives how many bytes. */
  #sorted(bytes: Uint8Array, { used, most }: { used: number; most: number }): number {
    if (this.#scratch.length < most) this.#scratch = Buffer.allocUnsafeSlow(most < LARGE ? most * 2 : most)
    const [flat, order, scratch] = [this.#flat, this.#order, this.#scratch]
    const members = used / 4
    // The order of the document before, which is nearly always this one's: then nothing moves.
    if (order.length !== members) {
      order.length = 0
      for (let member = 0; member < members; member++) order.push(member)
    }
    for (let at = 1; at < members; at++) {
      const member = order[at] ?? 0
      let to = at
      for (; to > 0 && this.#before(bytes, member, order[to - 1] ?? 0); to--) order[to] = order[to - 1] ?? 0
      order[to] = member
    }
    let length = 0
    for (let at = 0; at < members; at++) {
      const from = (order[at] ?? 0) * 4
      length = append(scratch, length, bytes, flat[from] ?? 0, flat[from + 1] ?? 0)
      scratch[length++] = 0x3a
      length = append(scratch, length, bytes, flat[from + 2] ?? 0, flat[from + 3] ?? 0)
      scratch[length++] = 0x2c
    }
    return length
  }

  #before(bytes: Uint8Array, a: number, b: number): boolean {
    const flat = this.#flat
    let [left, right] = [flat[a * 4] ?? 0, flat[b * 4] ?? 0]
    const [leftEnd, rightEnd] = [flat[a * 4 + 1] ?? 0, flat[b * 4 + 1] ?? 0]
    for (; left < leftEnd && right < rightEnd; left++, right++) {
      const difference = (bytes[left] ?? 0) - (bytes[right] ?? 0)
      if (difference !== 0) return difference < 0
    }
    return leftEnd - left < rightEnd - right
  }
}

function wordAt(digest: string, at: number): number {
  const high = (digest.charCodeAt(at) << 8) | digest.charCodeAt(at + 1)
  const low = (digest.charCodeAt(at + 2) << 8) | digest.charCodeAt(at + 3)
  return high * 2 ** 16 + low
}

function append(into: Buffer, at: number, bytes: Uint8Array, start: number, end: number): number {
  // A call into the library costs more than a few bytes do.
  if (end - start > 40) into.set(bytes.subarray(start, end), at)
  else for (let i = start; i < end; i++) into[at + i - start] = bytes[i] ?? 0
  return at + end - start
}
