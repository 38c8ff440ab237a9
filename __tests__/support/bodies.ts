import { createHash } from 'node:crypto'

const CHUNK = 64 * 1024

/** `bytes` bytes that differ everywhere, in chunks of 64 KiB; the same for the same `seed`. */
export async function* pattern(bytes: number, seed = 1): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += CHUNK) {
    yield patternChunk(at / CHUNK, seed).subarray(0, Math.min(CHUNK, bytes - at))
    // As a real source: not everything in one turn of the event loop.
    await Promise.resolve()
  }
}

export async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

export async function sha256(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of body) hash.update(chunk)
  return hash.digest('hex')
}

/** Gives some bytes, then none and no end. Tells whether it was asked to stop. */
export function idleAfter(bytes: number): AsyncIterable<Uint8Array> & { readonly stopped: boolean } {
  const first = pattern(bytes)
  let stopped = false
  return {
    get stopped() {
      return stopped
    },
    [Symbol.asyncIterator]: () => ({
      async next() {
        const chunk = await first.next()
        return chunk.done === true ? new Promise<never>(() => undefined) : chunk
      },
      return() {
        stopped = true
        return Promise.resolve({ done: true, value: undefined })
      },
    }),
  }
}

/** Gives some bytes and then fails. */
export async function* failingAfter(bytes: number, error: Error): AsyncGenerator<Uint8Array> {
  yield* pattern(bytes)
  throw error
}

function patternChunk(index: number, seed: number): Buffer {
  const chunk = Buffer.alloc(CHUNK)
  for (let at = 0; at < CHUNK; at += 4) chunk.writeUInt32LE((index * 2_654_435_761 + at * seed) >>> 0, at)
  return chunk
}
