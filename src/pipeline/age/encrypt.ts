import { randomBytes } from 'node:crypto'
import { Encrypter } from 'age-encryption'
import { LifeboatError } from '../../errors.ts'
import type { TransformStage } from '../stage.ts'
import { Chunks } from './chunks.ts'
import { CHUNK_BYTES, NONCE_BYTES, TAG_BYTES, chunkNonce, payloadKey, sealChunk } from './payload.ts'

/**
 * Encrypts to all of `recipients`, as `parseRecipients` gives them. The age-encryption package makes the header
 * and the keys; the payload goes through node's own cipher, which is many times faster.
 */
export function encrypt(recipients: readonly string[]): TransformStage {
  if (recipients.length === 0) throw new TypeError('nobody to encrypt to')
  return { kind: 'transform', label: 'age', transform: (input) => encrypted(recipients, input) }
}

async function* encrypted(
  recipients: readonly string[],
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { header, fileKey } = await newHeader(recipients)
  const nonce = randomBytes(NONCE_BYTES)
  yield Buffer.concat([header, nonce])

  const key = payloadKey(fileKey, nonce)
  const plain = new Chunks()
  let counter = 0
  const seal = (size: number, place: { readonly last: boolean }): Iterable<Buffer> =>
    sealChunk(key, chunkNonce(counter++, place), plain.take(size))
  for await (const chunk of input) {
    plain.push(chunk)
    // Strictly more: the last chunk must be known as the last, and is empty only in an empty file.
    while (plain.bytes > CHUNK_BYTES) yield* seal(CHUNK_BYTES, { last: false })
  }
  yield* seal(plain.bytes, { last: true })
}

/**
 * A header with a fresh file key. The package's public interface gives the key to every recipient, so one more
 * recipient beside the real ones, which adds no stanza, learns it; the header is what an empty file begins with.
 * Its nonce and payload are thrown away: ours has a nonce, hence a payload key, of its own.
 */
async function newHeader(
  recipients: readonly string[],
): Promise<{ readonly header: Uint8Array; readonly fileKey: Uint8Array }> {
  const encrypter = new Encrypter()
  let fileKey: Uint8Array | undefined
  for (const recipient of recipients) encrypter.addRecipient(recipient)
  encrypter.addRecipient({
    wrapFileKey(key) {
      fileKey = Uint8Array.from(key)
      return []
    },
  })
  const empty = await encrypter.encrypt(new Uint8Array()).catch((cause: unknown) => {
    throw new LifeboatError('input', 'An age recipient cannot be encrypted to.', {
      cause,
      hint: 'Its checksum is right but its key is not: make a new one with `age-keygen -o key.txt`.',
    })
  })
  const header = empty.subarray(0, empty.length - NONCE_BYTES - TAG_BYTES)
  if (fileKey?.length !== 16 || header.at(-1) !== 0x0a) throw new TypeError('the age package has changed')
  return { header, fileKey }
}
