import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { ObjectStore, StoredObject, UploadJournal } from '../../src/storage/object-store.ts'
import { collect, failingAfter, idleAfter, pattern, sha256 } from '../support/bodies.ts'
import { RecordingJournal } from '../support/upload-journal.ts'

/** A place for objects, made for one suite. */
export interface StoreFixture extends AsyncDisposable {
  open(journal?: UploadJournal): Promise<ObjectStore>
  /** Begins a write as a process that is then killed would, and gives its key. */
  abandon(key: string): Promise<void>
}

const MIB = 1024 * 1024
const EXPECTED = 20 * MIB

/** What holds for every `ObjectStore`. */
export function describeObjectStore(name: string, start: () => Promise<StoreFixture>): void {
  describe(`An object store in ${name}`, () => {
    let fixture: StoreFixture
    let store: ObjectStore
    const journal = new RecordingJournal()
    const signal = new AbortController().signal
    const write = (key: string, bytes: number, seed?: number) =>
      store.write(key, () => pattern(bytes, seed), { expectedBytes: EXPECTED, signal })

    beforeAll(async () => {
      fixture = await start()
      store = await fixture.open(journal)
    })
    afterAll(async () => {
      store.close()
      await fixture[Symbol.asyncDispose]()
    })

    it.each([1, 1000, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 17 * MIB + 3])(
      'gives %d bytes back as they were',
      async (bytes) => {
        const key = `sizes/${bytes}`
        const stored = await write(key, bytes)
        expect(stored).toMatchObject({ key, size: bytes })
        expect(Math.abs(stored.lastModified.getTime() - Date.now())).toBeLessThan(60_000)
        expect(await sha256(store.read(key))).toBe(await sha256(pattern(bytes)))
        expect(await store.head(key)).toEqual(stored)
      },
    )

    it('reads a range, its end exclusive', async () => {
      await write('ranges/x', 200_000)
      const whole = await collect(store.read('ranges/x'))
      for (const [start, end] of [
        [0, 1],
        [65_535, 65_537],
        [199_999, 200_000],
        [10, 10],
        [150_000, 900_000],
      ] as const) {
        expect(await collect(store.read('ranges/x', { start, end }))).toEqual(whole.subarray(start, end))
      }
    })

    it('says that an object is missing', async () => {
      expect(await store.head('nothing/here')).toBeUndefined()
      await expect(collect(store.read('nothing/here'))).rejects.toMatchObject({ code: 'store-missing' })
    })

    it('never overwrites', async () => {
      await write('twice/x', 1000, 1)
      await expect(write('twice/x', 1000, 2)).rejects.toMatchObject({ code: 'store-conflict' })
      expect(await sha256(store.read('twice/x'))).toBe(await sha256(pattern(1000, 1)))
    })

    it('lets one of two writes to one key win', async () => {
      const [key, bytes] = ['race/x', 500_000]
      const results = await Promise.allSettled([write(key, bytes, 1), write(key, bytes, 2)])
      const won = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index + 1] : []))
      expect(won).toHaveLength(1)
      const lost = results.find(({ status }) => status === 'rejected')
      expect(lost).toMatchObject({ reason: { code: 'store-conflict' } })
      expect(await sha256(store.read(key))).toBe(await sha256(pattern(bytes, won[0])))
    })

    // Parts of an upload: a store that completes none conditionally is asked for the key before it.
    it('refuses a write that another one of the same key overtook', async () => {
      const key = 'race/overtaken'
      const slow = async function* (): AsyncGenerator<Uint8Array> {
        yield* pattern(18 * MIB, 2)
        await write(key, 18 * MIB, 1)
        yield* pattern(MIB, 2)
      }
      await expect(store.write(key, slow, { expectedBytes: EXPECTED, signal })).rejects.toMatchObject({
        code: 'store-conflict',
      })
      expect(await sha256(store.read(key))).toBe(await sha256(pattern(18 * MIB, 1)))
    })

    it('refuses to store nothing', async () => {
      await expect(write('empty/x', 0)).rejects.toMatchObject({
        code: 'store',
        message: expect.stringMatching(/not one byte/),
      })
      expect(await keys(store.list('empty/'))).toEqual([])
    })

    it('tells how many bytes are stored while it writes', async () => {
      const seen: number[] = []
      const onProgress = (bytes: number) => seen.push(bytes)
      await store.write('progress/x', () => pattern(18 * MIB), {
        expectedBytes: EXPECTED,
        signal,
        onProgress,
      })
      expect(seen.at(-1)).toBe(18 * MIB)
      expect(seen.length).toBeGreaterThan(2)
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    })

    it('lists what begins with a prefix, in the order of bytes', async () => {
      const names = ['a/b', 'a.txt', 'a%2Fb/x', 'a/b/c', 'a/ä', 'a/B', 'ab', 'a b+c/&<y>', 'a/b.c']
      for (const name of names) if (!['a/b'].includes(name)) await write(`listing/${name}`, 3)
      const expected = names.filter((name) => name !== 'a/b').map((name) => `listing/${name}`)
      expect(await keys(store.list('listing/'))).toEqual(expected.toSorted(inBytes))
      expect(await keys(store.list('listing/a/'))).toEqual(
        expected.filter((key) => key.startsWith('listing/a/')).toSorted(inBytes),
      )
      expect(await keys(store.list('listing/a%'))).toEqual(['listing/a%2Fb/x'])
      expect(await keys(store.list('listing/none/'))).toEqual([])
    })

    it('passes on what the body throws, and keeps nothing of it', async () => {
      const error = new Error('pg_dump was killed')
      const failing = store.write('broken/x', () => failingAfter(17 * MIB, error), {
        expectedBytes: EXPECTED,
        signal,
      })
      await expect(failing).rejects.toBe(error)
      await expectNothing('broken/')
    })

    it('stops at once when it is cancelled, even while the body is silent', async () => {
      const controller = new AbortController()
      const body = idleAfter(17 * MIB)
      const writing = store.write('cancelled/x', () => body, {
        expectedBytes: EXPECTED,
        signal: controller.signal,
        onProgress: (bytes) => {
          if (bytes >= 8 * MIB) controller.abort()
        },
      })
      await expect(writing).rejects.toMatchObject({ code: 'cancelled' })
      expect(body.stopped).toBe(true)
      await expectNothing('cancelled/')
    })

    it('writes nothing when it is cancelled before it begins', async () => {
      let opened = false
      const open = () => {
        opened = true
        return pattern(10)
      }
      const writing = store.write('early/x', open, { expectedBytes: 10, signal: AbortSignal.abort() })
      await expect(writing).rejects.toMatchObject({ code: 'cancelled' })
      expect(opened).toBe(false)
      await expectNothing('early/')
    })

    it('lists and removes what a killed process left behind', async () => {
      await fixture.abandon('abandoned/deep/a%2Fb.dump')
      await fixture.abandon('abandoned_too/x')
      const found = await all(store.uploads('abandoned/'))
      expect(found.map(({ key }) => key)).toEqual(['abandoned/deep/a%2Fb.dump'])
      expect(Math.abs((found[0]?.initiated.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
      expect(await keys(store.list('abandoned'))).toEqual([])
      for (const upload of found) {
        await store.abortUpload(upload)
        await store.abortUpload(upload)
      }
      expect(await all(store.uploads('abandoned/'))).toEqual([])
      expect(await all(store.uploads('abandoned_too/'))).toHaveLength(1)
    })

    it('keeps a journal of what a killed process would leave behind', async () => {
      await write('journal/x', 17 * MIB)
      expect(journal.everOpened.filter(({ key }) => key === 'journal/x')).toHaveLength(1)
      expect(journal.left).toEqual([])
    })

    async function expectNothing(prefix: string): Promise<void> {
      expect(await keys(store.list(prefix))).toEqual([])
      expect(await all(store.uploads(prefix))).toEqual([])
      expect(journal.left).toEqual([])
    }
  })
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

async function keys(objects: AsyncIterable<StoredObject>): Promise<string[]> {
  return (await all(objects)).map(({ key }) => key)
}

function inBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
