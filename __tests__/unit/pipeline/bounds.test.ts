import { describe, expect, it } from '@jest/globals'
import { constants, createZstdCompress } from 'node:zlib'
import { execFileSync } from 'node:child_process'
import { decompress } from '../../../src/pipeline/compression.ts'
import { readHeader } from '../../../src/pipeline/age/header.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { atMost, readWhole } from '../../../src/pipeline/read-whole.ts'

const { signal } = new AbortController()

async function* inPieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield await Promise.resolve(bytes.subarray(at, at + 1000))
}

async function plain(
  format: 'xz' | 'zstd',
  bytes: Buffer,
  path = process.env['PATH'] ?? '',
): Promise<number> {
  const stages = decompress({ format }, { PATH: path })
  let count = 0
  const head = { kind: 'bytes', label: 'x', bytes: inPieces(bytes) } as const
  for await (const chunk of flow(head, stages, { signal, stallMs: 60_000 })) count += chunk.length
  return count
}

const zstd = async (windowLog: number): Promise<Buffer> => {
  const params = { [constants.ZSTD_c_windowLog]: windowLog, [constants.ZSTD_c_enableLongDistanceMatching]: 1 }
  const engine = createZstdCompress({ params })
  engine.end(Buffer.from('x'))
  const chunks: Buffer[] = []
  for await (const chunk of engine) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe('Archives of somebody else', () => {
  it('unpack where they ask for what every level needs', async () => {
    const bytes = execFileSync('xz', ['-9', '-c'], { input: 'x'.repeat(5000) })
    expect(await plain('xz', bytes)).toBe(5000)
    expect(await plain('zstd', await zstd(23))).toBe(1)
  })

  it('are refused where xz asks for more memory', async () => {
    const bytes = execFileSync(
      'xz',
      ['--lzma2=dict=1536MiB,mode=fast,mf=hc3,nice=2', '--threads=1', '-M0', '-c'],
      { input: 'x' },
    )
    await expect(plain('xz', bytes)).rejects.toThrow(/[Mm]emory/)
  })

  it('are refused where zstd asks for more memory, in node too', async () => {
    const bytes = await zstd(31)
    await expect(plain('zstd', bytes)).rejects.toThrow()
    await expect(plain('zstd', bytes, '')).rejects.toThrow()
  })

  it('are refused where they have recipients without end', () => {
    const stanza = '-> X25519 a\nb\n'
    const header = (count: number) => Buffer.from(`age-encryption.org/v1\n${stanza.repeat(count)}--- m\n`)
    expect(readHeader(header(400))?.stanzas).toHaveLength(400)
    expect(() => readHeader(header(401))).toThrow(/more than 400 recipients/)
  })
})

describe('readWhole', () => {
  it('gives all of what has no more than it may', async () => {
    expect(await readWhole(inPieces(Buffer.alloc(3000, 1)), { what: 'x', most: 3000 })).toHaveLength(3000)
  })

  it('stops reading behind the limit', async () => {
    let given = 0
    const endless = async function* () {
      for (;;) {
        given += 1000
        yield await Promise.resolve(Buffer.alloc(1000))
      }
    }
    await expect(readWhole(endless(), { what: 'manifest.json', most: 5500 })).rejects.toMatchObject({
      code: 'damaged',
      message: 'manifest.json has more than 5500 bytes, which nothing of its kind has.',
    })
    expect(given).toBe(6000)
    await expect(
      readWhole(
        atMost(endless(), 10, () => new Error('enough')),
        { what: 'x', most: 99 },
      ),
    ).rejects.toThrow('enough')
  })
})
