import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'

/*
 * The payload of an age file (https://c2sp.org/age, section "Payload"): a 16-byte nonce, then chunks of 64 KiB of
 * plaintext, each with a 16-byte tag, the last one shorter or full and marked as the last in its nonce.
 */

export const NONCE_BYTES = 16
export const CHUNK_BYTES = 64 * 1024
export const TAG_BYTES = 16
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

const CIPHER = 'chacha20-poly1305'
const OPTIONS = { authTagLength: TAG_BYTES }

/** The key of one payload. `nonce` must be fresh for every file: chunk nonces count from 0 in each. */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32))
}

/** 11 bytes of big-endian counter, then 1 for the last chunk and 0 for every other. */
export function chunkNonce(counter: number, place: { readonly last: boolean }): Buffer {
  if (!Number.isSafeInteger(counter) || counter < 0)
    throw new RangeError(`no chunk has the number ${counter}`)
  const nonce = Buffer.alloc(12)
  nonce.writeUInt32BE(Math.floor(counter / 2 ** 32), 3)
  nonce.writeUInt32BE(counter % 2 ** 32, 7)
  nonce.writeUInt8(place.last ? 1 : 0, 11)
  return nonce
}

/**
 * The ciphertext of `pieces`, in order, and its tag. What the cipher gives is passed on as it is: copied together
 * into buffers of our own, it kept the garbage collector busy for half of node's time.
 */
export function* sealChunk(
  key: Uint8Array,
  nonce: Uint8Array,
  pieces: readonly Uint8Array[],
): Generator<Buffer, void, undefined> {
  const cipher = createCipheriv(CIPHER, key, nonce, OPTIONS)
  for (const piece of pieces) yield cipher.update(piece)
  cipher.final()
  yield cipher.getAuthTag()
}

/** The plaintext of one chunk, or undefined when it does not authenticate (and then nothing of it). */
export function openChunk(
  key: Uint8Array,
  nonce: Uint8Array,
  pieces: readonly Uint8Array[],
): Buffer | undefined {
  const [only, ...others] = pieces
  const sealed = only !== undefined && others.length === 0 ? only : Buffer.concat(pieces)
  const plainBytes = sealed.length - TAG_BYTES
  if (plainBytes < 0) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonce, OPTIONS)
  decipher.setAuthTag(sealed.subarray(plainBytes))
  const plain = decipher.update(sealed.subarray(0, plainBytes))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return plain
}
