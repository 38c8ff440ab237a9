import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { compress, decompress, parseCompression, suffixOf } from '../../../src/pipeline/compression.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { findOnPath } from '../../../src/pipeline/program.ts'
import { bytesOf, collect, errorOf, program } from './support/stages.ts'

const options = { signal: new AbortController().signal, stallMs: 60_000 }
const nowhere = { PATH: '' }
const sample = Buffer.concat([
  Buffer.alloc(300_000, 'orders,products;'),
  randomBytes(200_000),
  Buffer.alloc(900_000),
])

describe('a compression in words', () => {
  const accepted: [string, string, string, string][] = [
    ['xz', 'xz', '6', '.xz'],
    [' xz:0 ', 'xz', '0', '.xz'],
    ['xz:9e', 'xz', '9e', '.xz'],
    ['zstd', 'zstd', '3', '.zst'],
    ['zstd:19', 'zstd', '19', '.zst'],
    ['none', 'none', '', ''],
  ]
  for (const [text, format, level, suffix] of accepted) {
    it(`is read: ${text}`, () => {
      const compression = parseCompression(text)
      expect(compression).toMatchObject({ format, level })
      expect(suffixOf(compression)).toBe(suffix)
      expect(parseCompression(compression.text)).toEqual(compression)
    })
  }

  for (const text of ['', 'gzip', 'xz:10', 'xz:e', 'xz:', 'zstd:0', 'zstd:20', 'zstd:3e', 'none:1', 'XZ']) {
    it(`is refused, with what is accepted: "${text}"`, async () => {
      const error = await errorOf(() => Promise.resolve().then(() => parseCompression(text)))
      expect(error).toMatchObject({ code: 'input', hint: expect.stringContaining('xz:0e to xz:9e') })
    })
  }
})

describe('what is compressed', () => {
  for (const text of ['xz:0', 'xz:1e', 'zstd:1', 'zstd:19', 'none']) {
    for (const [how, from] of [
      ['the programs', undefined],
      ['node alone', nowhere],
    ] as const) {
      it(`comes back with ${how}: ${text}`, async () => {
        const compression = parseCompression(text)
        const packed = await collect(flow(bytesOf(sample), compress(compression), options))
        expect(packed.length < sample.length).toBe(text !== 'none')
        expect(
          (await collect(flow(bytesOf(packed), decompress(compression, from), options))).equals(sample),
        ).toBe(true)
      })
    }
  }

  it('is read by the program where node compressed it', async () => {
    const packed = await collect(
      flow(bytesOf(sample), compress(parseCompression('zstd:3'), nowhere), options),
    )
    expect((await collect(flow(bytesOf(packed), [program('zstd', '-dc')], options))).equals(sample)).toBe(
      true,
    )
  })

  it('has a beginning even where there was nothing', async () => {
    for (const text of ['xz', 'zstd']) {
      for (const from of [undefined, nowhere]) {
        const compression = parseCompression(text)
        const packed = await collect(flow(bytesOf(), compress(compression), options))
        expect(packed.length).toBeGreaterThan(0)
        expect((await collect(flow(bytesOf(packed), decompress(compression, from), options))).length).toBe(0)
      }
    }
  })
})

describe('what is cut or damaged', () => {
  for (const text of ['xz:0', 'zstd:1']) {
    for (const [how, from, code] of [
      ['the program', undefined, 'process'],
      ['node', nowhere, 'damaged'],
    ] as const) {
      it(`is refused by ${how}: ${text}`, async () => {
        const compression = parseCompression(text)
        const packed = await collect(flow(bytesOf(sample), compress(compression), options))
        const flipped = Buffer.from(packed)
        flipped.writeUInt8((packed.at(packed.length >> 1) ?? 0) ^ 1, packed.length >> 1)
        for (const broken of [packed.subarray(0, -1), packed.subarray(0, 1000), flipped, Buffer.alloc(0)]) {
          const unpacked = flow(bytesOf(broken), decompress(compression, from), options)
          expect(await errorOf(() => collect(unpacked))).toMatchObject({ code })
        }
      })
    }
  }

  it('xz in node can be used again after an error, but not twice at a time', async () => {
    const xz = parseCompression('xz:0')
    const packed = await collect(flow(bytesOf(sample), compress(xz), options))
    await errorOf(() => collect(flow(bytesOf(packed.subarray(0, 500)), decompress(xz, nowhere), options)))
    const first = flow(bytesOf(packed), decompress(xz, nowhere), options)[Symbol.asyncIterator]()
    await first.next()
    const second = await errorOf(() => collect(flow(bytesOf(packed), decompress(xz, nowhere), options)))
    expect(second).toMatchObject({ code: 'platform' })
    await first.return?.()
    expect((await collect(flow(bytesOf(packed), decompress(xz, nowhere), options))).equals(sample)).toBe(true)
  })
})

describe('a program', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'path-'))
    await mkdir(join(folder, 'first', 'xz'), { recursive: true })
    await mkdir(join(folder, 'second'))
    await symlink('/bin/sh', join(folder, 'second', 'xz'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is the first file on PATH that can be executed, and no folder of that name', () => {
    const PATH = `${join(folder, 'first')}::${join(folder, 'second')}:/bin`
    expect(findOnPath('xz', { PATH })).toBe(join(folder, 'second', 'xz'))
  })

  it('is not there without a PATH', () => {
    expect(findOnPath('xz', {})).toBeUndefined()
    expect(findOnPath('/bin/sh', {})).toBe('/bin/sh')
  })

  it('decides whether zstd is the system’s or node’s, and xz is always the system’s', () => {
    expect(compress(parseCompression('zstd'), nowhere)).toMatchObject([{ kind: 'transform' }])
    expect(compress(parseCompression('zstd'), { PATH: '/usr/bin:/bin' })).toMatchObject([
      { kind: 'process', args: ['-3', '-T0', '-c', '-q'] },
    ])
    expect(compress(parseCompression('xz:9e'), nowhere)).toMatchObject([
      { kind: 'process', args: ['-T0', '-9e', '-c', '-q'] },
    ])
  })
})
