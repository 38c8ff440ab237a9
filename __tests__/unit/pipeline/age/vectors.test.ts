import { createHash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { armor } from 'age-encryption'
import * as vectors from 'cctv-age'
import { describe, expect, it } from '@jest/globals'
import { LifeboatError } from '../../../../src/errors.ts'
import { decrypt } from '../../../../src/pipeline/age/decrypt.ts'

/*
 * The age project's test vectors (https://c2sp.org/CCTV/age), through our own decryption. Treated differently:
 *
 * - those 19 that open, or show a malformed stanza, only to somebody with a passphrase: Lifeboat uses none, so
 *   the answer is `identity`, naming scrypt, and not a byte;
 * - those in armor: Lifeboat refuses armor as such (tested below); here the age-encryption package takes it off,
 *   so that what is inside is tested too;
 * - `header failure` and `HMAC failure` and `payload failure` are all `damaged`.
 */

interface Vector {
  readonly expected: string
  readonly payloadSha256: string | undefined
  readonly identities: readonly string[]
  readonly armored: boolean
  readonly passphrase: boolean
  readonly file: Buffer
}

const CODES: Readonly<Record<string, string>> = {
  success: 'success',
  'no match': 'identity',
  'HMAC failure': 'damaged',
  'header failure': 'damaged',
  'payload failure': 'damaged',
  'armor failure': 'armor',
}

function parse(bytes: Uint8Array): Vector {
  const all = Buffer.from(bytes)
  const end = all.indexOf('\n\n')
  const fields = all
    .subarray(0, end)
    .toString()
    .split('\n')
    .map((line) => line.split(': ', 2))
  const valuesOf = (name: string): string[] =>
    fields.flatMap(([key, value]) => (key === name ? (value ?? '') : []))
  const body = all.subarray(end + 2)
  return {
    expected: valuesOf('expect')[0] ?? '',
    payloadSha256: valuesOf('payload')[0],
    identities: valuesOf('identity'),
    armored: valuesOf('armored').length > 0,
    passphrase: valuesOf('passphrase').length > 0,
    file: valuesOf('compressed').length > 0 ? inflateSync(body) : body,
  }
}

async function outcome(vector: Vector): Promise<{ result: string; sha256: string; message: string }> {
  const hash = createHash('sha256')
  const end = (result: string, message = ''): { result: string; sha256: string; message: string } => {
    return { result, message, sha256: hash.digest('hex') }
  }
  let file: Uint8Array = vector.file
  try {
    if (vector.armored) file = armor.decode(vector.file.toString('latin1'))
  } catch {
    return end('armor')
  }
  try {
    for await (const chunk of decrypt(vector.identities).transform(inPieces(file))) hash.update(chunk)
  } catch (error) {
    if (error instanceof LifeboatError) return end(error.code, error.message)
    throw error
  }
  return end('success')
}

/** As a store would give it: in pieces that fall together with nothing. */
async function* inPieces(file: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < file.length; at += 7_001) yield await Promise.resolve(file.subarray(at, at + 7_001))
}

const all = Object.entries(vectors).map(([name, bytes]) => ({ name, ...parse(bytes) }))
/** Broken in ways that show without a passphrase: there we agree. */
const BROKEN_ANYWAY = ['scrypt_and_x25519', 'scrypt_double', 'scrypt_not_canonical_body']
const withPassphraseAlone = all.filter(
  ({ name, passphrase, expected }) =>
    passphrase && ['success', 'header failure'].includes(expected) && !BROKEN_ANYWAY.includes(name),
)

describe('the published age test vectors', () => {
  it('are all here', () => {
    expect(all.length).toBeGreaterThanOrEqual(143)
    expect(withPassphraseAlone.length).toBe(19)
    expect(all.filter(({ file }) => file.includes('mlkem768x25519')).length).toBeGreaterThan(10)
  })

  for (const vector of all.filter((each) => !withPassphraseAlone.includes(each))) {
    it(`${vector.name}: ${vector.expected}`, async () => {
      const { result, sha256 } = await outcome(vector)
      expect(result).toBe(CODES[vector.expected])
      if (vector.payloadSha256 !== undefined) expect(sha256).toBe(vector.payloadSha256)
    })
  }

  for (const vector of withPassphraseAlone) {
    it(`${vector.name}: refused, because it takes a passphrase`, async () => {
      const { result, sha256, message } = await outcome(vector)
      expect(result).toBe('identity')
      expect(message).toContain('1 × scrypt')
      expect(sha256).toBe(createHash('sha256').digest('hex'))
    })
  }

  it('in armor are refused as such', async () => {
    for (const vector of all.filter((each) => each.armored && each.expected === 'success')) {
      const { result, message } = await outcome({ ...vector, armored: false })
      expect(result).toBe('damaged')
      expect(message).toContain('ASCII armor')
    }
  })
})
