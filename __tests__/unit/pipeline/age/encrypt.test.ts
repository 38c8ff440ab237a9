import { randomBytes } from 'node:crypto'
import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from 'age-encryption'
import { beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decrypt } from '../../../../src/pipeline/age/decrypt.ts'
import { encrypt } from '../../../../src/pipeline/age/encrypt.ts'
import { readHeader } from '../../../../src/pipeline/age/header.ts'
import { errorOf, through, throughAll } from '../support/stages.ts'

const CHUNK = 65_536
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK, 4 * CHUNK + 1, 5 * CHUNK, 9 * CHUNK + 12_345]

let identity: string
let recipient: string
beforeAll(async () => {
  identity = await generateX25519Identity()
  recipient = await identityToRecipient(identity)
})

/** `bytes` in pieces of the given sizes, the last size for all the rest. */
function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const result: Buffer[] = []
  let at = 0
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[Math.min(index, sizes.length - 1)] ?? bytes.length
    result.push(bytes.subarray(at, at + size))
    at += size
  }
  return result
}

describe('encryption', () => {
  for (const size of SIZES) {
    it(`of ${size} bytes is undone by us and by the age-encryption package, and its the other way round`, async () => {
      const plain = randomBytes(size)
      const ours = await through(encrypt([recipient]), ...pieces(plain, [10_000]))
      const header = readHeader(ours)
      expect(ours.length).toBe((header?.bytes ?? 0) + 16 + size + 16 * Math.max(1, Math.ceil(size / CHUNK)))
      expect((await through(decrypt([identity]), ours)).equals(plain)).toBe(true)

      const decrypter = new Decrypter()
      decrypter.addIdentity(identity)
      expect(Buffer.from(await decrypter.decrypt(ours)).equals(plain)).toBe(true)

      const encrypter = new Encrypter()
      encrypter.addRecipient(recipient)
      const theirs = Buffer.from(await encrypter.encrypt(plain))
      expect((await through(decrypt([identity]), ...pieces(theirs, [1, 100_000]))).equals(plain)).toBe(true)
    })
  }

  it('does not depend on the pieces that the bytes come in', async () => {
    const size = fc.integer({ min: 1, max: 3 * CHUNK })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 * CHUNK }),
        fc.array(size, { minLength: 1, maxLength: 8 }),
        fc.array(size, { minLength: 1, maxLength: 8 }),
        async (bytes, plainSizes, sealedSizes) => {
          const plain = randomBytes(bytes)
          const sealed = await throughAll(encrypt([recipient]), pieces(plain, plainSizes))
          const opened = await throughAll(decrypt([identity]), pieces(sealed, sealedSizes))
          expect(opened.equals(plain)).toBe(true)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('is to every recipient, of either kind', async () => {
    for (const generate of [generateX25519Identity, generateHybridIdentity]) {
      const identities = [await generate(), await generate(), await generate()]
      const recipients = await Promise.all(identities.map(identityToRecipient))
      const sealed = await through(encrypt(recipients), Buffer.from('lifeboat'))
      for (const each of identities)
        expect((await through(decrypt([each]), sealed)).toString()).toBe('lifeboat')
      const kind = generate === generateX25519Identity ? 'X25519' : 'mlkem768x25519'
      expect(readHeader(sealed)?.stanzas).toEqual([kind, kind, kind])
    }
  })

  it('never uses a key or nonce twice', async () => {
    const files = await Promise.all(
      Array.from({ length: 20 }, () => through(encrypt([recipient]), Buffer.alloc(100))),
    )
    expect(new Set(files.map((file) => file.subarray(-132).toString('hex'))).size).toBe(20)
    const twoChunks = await through(encrypt([recipient]), Buffer.alloc(2 * CHUNK))
    const payload = twoChunks.subarray(-2 * (CHUNK + 16))
    expect(payload.subarray(0, CHUNK).equals(payload.subarray(CHUNK + 16, -16))).toBe(false)
  })

  it('to nobody is a defect, to a key that is none an error of the input', async () => {
    expect(() => encrypt([])).toThrow('nobody')
    // 32 zero bytes with a right checksum: a point of low order, with which no secret can be shared.
    const zero = 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z'
    expect(await errorOf(() => through(encrypt([zero])))).toMatchObject({ code: 'input' })
  })
})

describe('decryption', () => {
  it('is by whichever identity fits, among several', async () => {
    const sealed = await through(encrypt([recipient]), Buffer.from('lifeboat'))
    const others = [await generateHybridIdentity(), await generateX25519Identity()]
    expect((await through(decrypt([...others, identity]), sealed)).toString()).toBe('lifeboat')
  })

  it('without a fitting identity says what the file is encrypted for', async () => {
    const sealed = await through(encrypt([recipient, recipient]), Buffer.from('lifeboat'))
    const error = await errorOf(async () => through(decrypt([await generateX25519Identity()]), sealed))
    expect(error).toMatchObject({
      code: 'identity',
      message: 'The identity at hand does not open this age file, which is encrypted for 2 × X25519.',
    })
  })

  it('refuses what is no age file', async () => {
    for (const text of ['', 'PGDMP', 'age-encryption.org/v2\n', 'age-encryption.org/v1']) {
      expect(await errorOf(() => through(decrypt([identity]), Buffer.from(text)))).toMatchObject({
        code: 'damaged',
      })
    }
    const endless = Buffer.from(`age-encryption.org/v1\n-> X25519 ${'A'.repeat(1024 * 1024)}`)
    expect(await errorOf(() => through(decrypt([identity]), endless))).toMatchObject({
      message: 'The age header does not end.',
    })
  })
})

describe('a file of several chunks', () => {
  const plain = randomBytes(2 * CHUNK + 1_000)
  let sealed: Buffer
  let header: number
  beforeAll(async () => {
    sealed = await through(encrypt([recipient]), plain)
    header = readHeader(sealed)?.bytes ?? 0
  })
  /** What comes out before the error, which has to come. */
  const refused = async (file: Buffer, code: RegExp): Promise<Buffer> => {
    const out: Uint8Array[] = []
    const error = await errorOf(async () => {
      const source = (async function* () {
        for (const piece of pieces(file, [50_000])) yield await Promise.resolve(piece)
      })()
      for await (const chunk of decrypt([identity]).transform(source)) out.push(chunk)
    })
    expect(error).toMatchObject({ code: expect.stringMatching(code) })
    return Buffer.concat(out)
  }

  it('is refused wherever it is cut, and gives only genuine bytes before', async () => {
    const edges = [
      header,
      header + 16,
      header + 16 + CHUNK + 16,
      header + 16 + 2 * (CHUNK + 16),
      sealed.length,
    ]
    const cuts = edges.flatMap((edge) => [
      edge - 17,
      edge - 16,
      edge - 1,
      edge,
      edge + 1,
      edge + 16,
      edge + 17,
    ])
    const lengths = [...cuts.filter((cut) => cut >= 0 && cut < sealed.length), ...Array(header).keys()]
    for (const length of lengths) {
      const out = await refused(sealed.subarray(0, length), /^damaged$/)
      expect(out.equals(plain.subarray(0, out.length))).toBe(true)
      expect(out.length).toBeLessThan(plain.length)
    }
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: sealed.length - 1 }), async (length) => {
        await refused(sealed.subarray(0, length), /^damaged$/)
      }),
      { numRuns: 100 },
    )
  })

  it('is refused whichever bit is flipped', async () => {
    const flipped = (at: number, bit: number): Buffer => {
      const file = Buffer.from(sealed)
      file.writeUInt8(file.readUInt8(at) ^ (1 << bit), at)
      return file
    }
    // A share or body of another value is a stanza for somebody else: then nobody's identity fits.
    for (let at = 0; at < header; at += 1) await refused(flipped(at, at % 8), /^(damaged|identity)$/)
    const place = fc.integer({ min: header, max: sealed.length - 1 })
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 0, max: 7 }), async (at, bit) => {
        const out = await refused(flipped(at, bit), /^damaged$/)
        expect(out.equals(plain.subarray(0, out.length))).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('is refused whatever is appended', async () => {
    const chunk = sealed.subarray(header + 16, header + 16 + CHUNK + 16)
    const last = sealed.subarray(header + 16 + 2 * (CHUNK + 16))
    for (const tail of [Buffer.from('\n'), Buffer.alloc(16), Buffer.alloc(CHUNK + 16), chunk, last, sealed]) {
      await refused(Buffer.concat([sealed, tail]), /^damaged$/)
    }
  })

  it('is refused with chunks left out, doubled or exchanged', async () => {
    const start = sealed.subarray(0, header + 16)
    const first = sealed.subarray(header + 16, header + 16 + CHUNK + 16)
    const second = sealed.subarray(header + 16 + CHUNK + 16, header + 16 + 2 * (CHUNK + 16))
    const last = sealed.subarray(header + 16 + 2 * (CHUNK + 16))
    for (const chunks of [
      [second, last],
      [first, last],
      [first, first, second, last],
      [second, first, last],
      [last],
    ]) {
      await refused(Buffer.concat([start, ...chunks]), /^damaged$/)
    }
  })

  it('tells a cut file from one that goes on and from one that was changed', async () => {
    const says = (file: Buffer): Promise<unknown> => errorOf(() => through(decrypt([identity]), file))
    const cut = await says(sealed.subarray(0, header + 16 + CHUNK + 16))
    expect(cut).toMatchObject({ message: 'The age file is damaged: its end is missing.' })
    const full = await through(encrypt([recipient]), Buffer.alloc(CHUNK))
    const goesOn = await says(Buffer.concat([full, Buffer.from('x')]))
    expect(goesOn).toMatchObject({ message: 'The age file is damaged: something follows its end.' })
    const changed = Buffer.from(sealed)
    changed.writeUInt8(changed.readUInt8(header + 100) ^ 1, header + 100)
    expect(await says(changed)).toMatchObject({
      message: 'The age file is damaged: its 64 KiB chunk 1 does not authenticate.',
    })
  })
})
