import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decrypt } from '../../../src/pipeline/age/decrypt.ts'
import { encrypt } from '../../../src/pipeline/age/encrypt.ts'
import { parseIdentities } from '../../../src/pipeline/age/identities.ts'
import { parseRecipients } from '../../../src/pipeline/age/recipients.ts'
import { compress, decompress, parseCompression } from '../../../src/pipeline/compression.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { childEnvironment, run } from '../../../src/pipeline/process.ts'
import { requireProgram } from '../../../src/pipeline/program.ts'
import { modernAge, type AgePrograms } from '../../support/modern-age.ts'
import { bytesOf, collect, program } from '../../unit/pipeline/support/stages.ts'

const signal = new AbortController().signal
const options = { signal, stallMs: 60_000 }
const commandOptions = { env: childEnvironment(), timeoutMs: 30_000, signal }
const CHUNK = 65_536
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 10 * CHUNK + 4_321]

const kinds: [string, () => Promise<AgePrograms>, string[]][] = [
  ['X25519, with this system’s age', () => Promise.resolve(systemAge()), []],
  ['post-quantum, with an age that knows it', modernAge, ['-pq']],
]

function systemAge(): AgePrograms {
  const find = (name: string): string => requireProgram(name, childEnvironment())
  return { age: find('age'), keygen: find('age-keygen') }
}

for (const [kind, programs, keygenOptions] of kinds) {
  describe(`the age program (${kind})`, () => {
    let folder: string
    let keyFile: string
    let age: string
    let recipients: readonly string[]
    let identities: readonly string[]
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'age-'))
      const found = await programs()
      age = found.age
      const keys = await run(found.keygen, keygenOptions, commandOptions)
      keyFile = join(folder, 'key.txt')
      await writeFile(keyFile, keys, { mode: 0o600 })
      identities = parseIdentities(keys)
      recipients = parseRecipients(await run(found.keygen, ['-y', keyFile], commandOptions))
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    for (const size of SIZES) {
      it(`opens what we sealed, and we open what it sealed: ${size} bytes`, async () => {
        const plain = randomBytes(size)
        const opened = flow(bytesOf(plain), [encrypt(recipients), program(age, '-d', '-i', keyFile)], options)
        expect((await collect(opened)).equals(plain)).toBe(true)

        const sealing = recipients.flatMap((recipient) => ['-r', recipient])
        const sealed = await collect(flow(bytesOf(plain), [program(age, ...sealing)], options))
        expect((await collect(flow(bytesOf(sealed), [decrypt(identities)], options))).equals(plain)).toBe(
          true,
        )
      })
    }

    it('and xz give back what went through our whole flow, and we what went through theirs', async () => {
      const plain = Buffer.concat([randomBytes(300_000), Buffer.alloc(3_000_000, 'shop')])
      const xz = parseCompression('xz:1')
      const ours = await collect(flow(bytesOf(plain), [...compress(xz), encrypt(recipients)], options))
      const theirs = [program(age, '-d', '-i', keyFile), program('xz', '-dc')]
      expect((await collect(flow(bytesOf(ours), theirs, options))).equals(plain)).toBe(true)
      const back = [decrypt(identities), ...decompress(xz)]
      expect((await collect(flow(bytesOf(ours), back, options))).equals(plain)).toBe(true)
    })
  })
}
