import { Decrypter } from 'age-encryption'
import { LifeboatError } from '../../errors.ts'
import type { TransformStage } from '../stage.ts'
import { Chunks } from './chunks.ts'
import { describeStanzas, readHeader, type AgeHeader } from './header.ts'
import {
  CHUNK_BYTES,
  NONCE_BYTES,
  SEALED_CHUNK_BYTES,
  TAG_BYTES,
  chunkNonce,
  openChunk,
  payloadKey,
} from './payload.ts'

const DAMAGED_HINT =
  'The file is not what was encrypted: it was cut or changed in the store or on the way. Use another backup.'

/**
 * Decrypts with whichever of `identities` (as `parseIdentities` gives them) opens the file. Every byte that comes
 * out was authenticated, but only the stream's end says that it was all of them: act on nothing before.
 *
 * Throws `identity` when none opens it, `damaged` for everything that is not as it was written: header, a chunk,
 * a missing end, something after the end.
 */
export function decrypt(identities: readonly string[]): TransformStage {
  return { kind: 'transform', label: 'age -d', transform: (input) => decrypted(identities, input) }
}

/**
 * Whether one of `identities` opens the file that begins with `beginning` (header and nonce at least). Throws as
 * `decrypt` does; nothing is known of the rest then.
 */
export async function ageOpens(identities: readonly string[], beginning: Buffer): Promise<void> {
  const header = readHeader(beginning)
  if (header === undefined || beginning.length < header.bytes + NONCE_BYTES)
    throw damaged('it ends in its header')
  await openHeader(identities, header, beginning)
}

async function* decrypted(
  identities: readonly string[],
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const sealed = new Chunks()
  let beginning = Buffer.alloc(0)
  let key: Uint8Array | undefined
  let counter = 0
  for await (const chunk of input) {
    if (key !== undefined) {
      sealed.push(chunk)
    } else {
      beginning = Buffer.concat([beginning, chunk])
      const header = readHeader(beginning)
      if (header === undefined || beginning.length < header.bytes + NONCE_BYTES) continue
      key = await openHeader(identities, header, beginning)
      sealed.push(beginning.subarray(header.bytes + NONCE_BYTES))
    }
    // Strictly more: the last chunk is the one that nothing follows.
    while (sealed.bytes > SEALED_CHUNK_BYTES) {
      yield* open(key, sealed.take(SEALED_CHUNK_BYTES), counter, { last: false })
      counter += 1
    }
  }
  if (key === undefined) throw damaged('it ends in its header')
  if (counter > 0 && sealed.bytes === TAG_BYTES) throw damaged('its last chunk is empty')
  yield* open(key, sealed.take(sealed.bytes), counter, { last: true })
}

/**
 * The plaintext of one chunk. Throws when it does not authenticate; where it would have in the other place, the
 * file goes on behind its end or lacks it, and the chunk itself, if it is a full one, is still genuine.
 */
function* open(
  key: Uint8Array,
  pieces: readonly Uint8Array[],
  counter: number,
  { last }: { readonly last: boolean },
): Generator<Uint8Array, void, undefined> {
  const plain = openChunk(key, chunkNonce(counter, { last }), pieces)
  const misplaced = plain ?? openChunk(key, chunkNonce(counter, { last: !last }), pieces)
  if (misplaced === undefined) throw damaged(`its 64 KiB chunk ${counter + 1} does not authenticate`)
  if (misplaced.length > 0 && (plain !== undefined || misplaced.length === CHUNK_BYTES)) yield misplaced
  if (plain === undefined) throw damaged(last ? 'its end is missing' : 'something follows its end')
}

function damaged(what: string): LifeboatError {
  return new LifeboatError('damaged', `The age file is damaged: ${what}.`, { hint: DAMAGED_HINT })
}

/** The payload's key. `beginning` holds the header and at least the nonce. */
async function openHeader(
  identities: readonly string[],
  header: AgeHeader,
  beginning: Buffer,
): Promise<Uint8Array> {
  const decrypter = new Decrypter()
  for (const identity of identities) decrypter.addIdentity(identity)
  const asked = { nobodyMatched: false }
  // Asked last, and hence only when no other identity opened it.
  decrypter.addIdentity({
    unwrapFileKey() {
      asked.nobodyMatched = true
      return null
    },
  })
  try {
    const fileKey = await decrypter.decryptHeader(Uint8Array.from(beginning.subarray(0, header.bytes)))
    return payloadKey(fileKey, beginning.subarray(header.bytes, header.bytes + NONCE_BYTES))
  } catch (cause) {
    if (asked.nobodyMatched) throw noMatch(identities, header)
    throw new LifeboatError('damaged', 'The header of the age file is damaged.', {
      cause,
      hint: DAMAGED_HINT,
    })
  }
}

function noMatch(identities: readonly string[], { stanzas }: AgeHeader): LifeboatError {
  const tried =
    identities.length === 1
      ? 'The identity at hand does not open'
      : `None of ${identities.length} identities opens`
  return new LifeboatError(
    'identity',
    `${tried} this age file, which is encrypted for ${describeStanzas(stanzas)}.`,
    {
      hint: stanzas.every((kind) => kind === 'scrypt')
        ? 'It was encrypted with a passphrase, which Lifeboat does not use: `age -d` asks for it.'
        : 'Give the identity (AGE-SECRET-KEY-…) whose recipient was among `age-recipients` when it was written.',
    },
  )
}
