import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import type { Artifact } from '../../src/catalog/manifest.ts'
import { plainBytes } from '../../src/commands/open-artifact.ts'
import { parseRecipients } from '../../src/pipeline/age/recipients.ts'

const SOURCES = resolve(import.meta.dirname, '../../src')

/** Each has an end of its own, or holds what this process made; whoever adds a file here says which. */
const BOUNDED: Readonly<Record<string, string>> = {
  'pipeline/read-whole.ts': 'the one bounded reader',
  'commands/open-artifact.ts': 'as many bytes as were recorded, at most 512 MiB',
  'meilisearch/http.ts': '`mostBytes` of each request',
  'meilisearch/inspect-archive.ts': 'a file at most 64 MiB, a line at most 1 GiB',
  'meilisearch/reindex/stored-settings.ts': 'files of a dump whose unpacked size was recorded',
  'meilisearch/tar.ts': 'names at most 1 MiB',
  'pipeline/age/decrypt.ts': 'a header of age, at most 1 MiB',
  'pipeline/age/encrypt.ts': 'our own header',
  'pipeline/age/payload.ts': 'a chunk of age, 64 KiB',
  'pipeline/process.ts': 'what our own children say; of complaints the last lines',
  'postgres/run-pg-restore.ts': 'the list of entries that pg_restore prints',
  'proof/http-check.ts': 'the first megabyte',
  'watch/keys.ts': 'our own probe',
}

/** What takes all of something into memory. */
const TAKES_ALL =
  /\.(?:json|arrayBuffer|blob|transformToString|transformToByteArray)\(\)|Buffer\.concat\(|\bresponse\.text\(\)/

describe('What comes from outside', () => {
  it('is taken whole through the bounded reader, or where an end is known', () => {
    const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((each) =>
      each.endsWith('.ts'),
    )
    expect(files.length).toBeGreaterThan(300)
    const taking = files.filter((path) => TAKES_ALL.test(readFileSync(join(SOURCES, path), 'utf8')))
    expect(taking.sort()).toEqual(Object.keys(BOUNDED).sort())
  })

  it.each([
    'await response.json()',
    'Buffer.concat(chunks)',
    'await response.arrayBuffer()',
    'await response.text()',
  ])('is found where it is taken whole: %s', (source) => {
    expect(TAKES_ALL.test(source)).toBe(true)
  })

  it('unpacks to no more than was recorded, whoever reads it', async () => {
    const artifact: Artifact = {
      file: 'x.dump',
      role: 'dump',
      compression: 'none',
      recipients: [],
      bytes: 9,
      plainBytes: 5,
      sha256: '',
    }
    const opening = { identities: [], signal: new AbortController().signal, stallMs: 60_000 }
    const stored = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('12345'))
      yield await Promise.resolve(Buffer.from('6789'))
    }
    let got = 0
    const read = async (): Promise<void> => {
      for await (const chunk of plainBytes(artifact, stored(), opening)) got += chunk.length
    }
    await expect(read()).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('more than the 5 bytes'),
    })
    expect(got).toBe(5)
  })

  it('has no more recipients than a reader takes', async () => {
    const many = await Promise.all(
      Array.from({ length: 401 }, async () => identityToRecipient(await generateX25519Identity())),
    )
    expect(parseRecipients(many.slice(1).join('\n'))).toHaveLength(400)
    expect(() => parseRecipients(many.join('\n'))).toThrow(/^holds 401 recipients; at most 400/)
  })
})
