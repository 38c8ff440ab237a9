import { LifeboatError } from '../../errors.ts'
import { MOST_RECIPIENTS, type RecipientKind } from './recipients.ts'

/** What a stanza is for; `other` is everything that Lifeboat does not write, plugins and grease among it. */
export type StanzaKind = RecipientKind | 'scrypt' | 'other'

/** What the header of an age file shows without a key. Whose key a stanza is for cannot be seen. */
export interface AgeHeader {
  /** One for each recipient. */
  readonly stanzas: readonly StanzaKind[]
  /** The header's length in bytes; nonce and payload follow. */
  readonly bytes: number
}

const VERSION_LINE = 'age-encryption.org/v1\n'
const ARMOR = '-----BEGIN AGE'
const KNOWN: readonly string[] = ['X25519', 'mlkem768x25519', 'scrypt'] satisfies StanzaKind[]
/** 400 post-quantum recipients would fit; who reads untrusted bytes needs an end. */
const MAX_BYTES = 1024 * 1024

/**
 * Reads the header from the first bytes of an age file; undefined when it is not complete in them. It checks the
 * shape only, not the authentication code, which takes an identity. Throws `damaged`.
 */
export function readHeader(bytes: Uint8Array): AgeHeader | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_BYTES)).toString(
    'latin1',
  )
  if (text.trimStart().startsWith(ARMOR)) {
    throw new LifeboatError(
      'damaged',
      'This is an age file in ASCII armor; Lifeboat reads and writes binary ones.',
      {
        hint: 'Somebody else wrote it. `age -d -i key.txt` reads both.',
      },
    )
  }
  if (!VERSION_LINE.startsWith(text.slice(0, VERSION_LINE.length))) {
    throw new LifeboatError('damaged', 'This is no age file: it does not begin with age-encryption.org/v1.', {
      hint: 'It is not encrypted, or something else stands in its place.',
    })
  }
  const macLine = text.indexOf('\n---')
  const end = macLine < 0 ? -1 : text.indexOf('\n', macLine + 1)
  if (end < 0) {
    if (bytes.length >= MAX_BYTES) throw new LifeboatError('damaged', 'The age header does not end.')
    return undefined
  }
  const stanzas = [...text.slice(0, macLine + 1).matchAll(/^-> ([^ \n]*)/gm)].map(([, type]) =>
    kindOf(type ?? ''),
  )
  if (stanzas.length > MOST_RECIPIENTS) {
    throw new LifeboatError('damaged', `The age header has more than ${MOST_RECIPIENTS} recipients.`, {
      hint: 'Nobody encrypts to so many: something else was put in its place.',
    })
  }
  if (stanzas.includes('scrypt') && stanzas.length > 1) {
    throw new LifeboatError(
      'damaged',
      'The age header has a passphrase beside other recipients: age forbids that.',
    )
  }
  return { stanzas, bytes: end + 1 }
}

/** `2 × X25519`, for people. */
export function describeStanzas(stanzas: readonly StanzaKind[]): string {
  const kinds = [...new Set(stanzas)]
  return kinds.map((kind) => `${stanzas.filter((each) => each === kind).length} × ${kind}`).join(', ')
}

function kindOf(type: string): StanzaKind {
  return KNOWN.includes(type) ? (type as StanzaKind) : 'other'
}
