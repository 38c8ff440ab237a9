import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Outgrown, type Part, PartFeed } from '../../../../src/storage/s3/part-feed.ts'

const signal = new AbortController().signal
const plan = { partBytes: 10, inFlight: 2, lastPart: 100 }

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const room = Buffer.alloc(64)
  let turn = 0
  for (let at = 0; at < bytes.length; turn++) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length - at)
    // The same memory each time, as a careful source would.
    bytes.copy(room, 0, at, at + size)
    yield room.subarray(0, size)
    at += size
    await Promise.resolve()
  }
}

async function parts(feed: PartFeed): Promise<(Omit<Part, 'data'> & { data: string })[]> {
  const found = []
  for await (const part of feed) found.push({ ...part, data: part.data.toString('hex') })
  return found
}

describe('A part feed', () => {
  it('cuts whatever comes into equal parts, and copies before it asks for more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc
          .array(fc.integer({ min: 0, max: 64 }), { minLength: 1 })
          .filter((sizes) => sizes.some((size) => size > 0)),
        async (content, sizes) => {
          const bytes = Buffer.from(content)
          const feed = new PartFeed(inPieces(bytes, sizes), plan, signal)
          const found = await parts(feed)
          expect(found.map(({ data }) => data).join('')).toBe(bytes.toString('hex'))
          expect(found.map(({ partNumber }) => partNumber)).toEqual(found.map((_, index) => index + 1))
          expect(found.slice(0, -1).every(({ data, lastPart }) => data.length === 20 && !lastPart)).toBe(true)
          expect(found.at(-1)?.lastPart).toBe(true)
          expect(feed.bytes).toBe(bytes.length)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('gives each uploader one buffer, and another only when the first may still be read', async () => {
    const feed = new PartFeed(inPieces(Buffer.alloc(45), [7]), plan, signal)
    const mine = feed[Symbol.asyncIterator]()
    const yours = feed[Symbol.asyncIterator]()
    const first = await next(mine)
    const second = await next(yours)
    expect(second.data.buffer).not.toBe(first.data.buffer)
    expect((await next(mine)).data.buffer).toBe(first.data.buffer)
    feed.retire(second.data)
    expect((await next(yours)).data.buffer).not.toBe(second.data.buffer)
  })

  it('stops where the plan ends', async () => {
    const body = inPieces(Buffer.alloc(31), [31])
    await expect(parts(new PartFeed(body, { ...plan, lastPart: 3 }, signal))).rejects.toThrow(Outgrown)
    const exact = inPieces(Buffer.alloc(30), [30])
    expect(await parts(new PartFeed(exact, { ...plan, lastPart: 3 }, signal))).toHaveLength(3)
  })
})

async function next(parts: AsyncIterator<Part>): Promise<Part> {
  const result = await parts.next()
  if (result.done === true) throw new Error('no part is left')
  return result.value
}
