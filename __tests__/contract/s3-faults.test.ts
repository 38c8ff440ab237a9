import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { ObjectStore } from '../../src/storage/object-store.ts'
import type { S3StoreOptions } from '../../src/storage/s3/options.ts'
import { openS3Store } from '../../src/storage/s3/s3-store.ts'
import { collect, idleAfter, pattern, sha256 } from '../support/bodies.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type Radosgw, startRadosgw } from '../support/radosgw.ts'
import { RecordingJournal } from '../support/upload-journal.ts'

const MIB = 1024 * 1024
const LARGE = 25 * MIB
const PART_3 = /^PUT .*partNumber=3&/
const CREATE = /^POST .*\?uploads/
const COMPLETE = /^POST .*\?uploadId=/
const PUT = /^PUT (?!.*partNumber=)/

describe('Writing to an S3 store through faults', () => {
  let server: Radosgw
  let proxy: FaultProxy
  let stores: ObjectStore[] = []
  let journal = new RecordingJournal()
  let count = 0
  const signal = new AbortController().signal

  beforeAll(async () => {
    server = await startRadosgw()
    proxy = await startFaultProxy(server.endpoint)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  afterEach(async () => {
    for (const store of stores) store.close()
    stores = []
    proxy.reset()
    expect(journal.left).toEqual([])
    expect(await server.view.uploads()).toEqual([])
    journal = new RecordingJournal()
  })

  async function open(options: Partial<S3StoreOptions> = {}): Promise<ObjectStore> {
    const { bucket, accessKeyId, secretAccessKey } = server
    const credentials = { accessKeyId, secretAccessKey }
    const store = await openS3Store({
      bucket,
      endpoint: proxy.endpoint,
      credentials,
      journal,
      retries: 3,
      ...options,
    })
    stores.push(store)
    return store
  }

  async function expectStored(key: string, bytes: number): Promise<void> {
    expect(await sha256(pattern(bytes))).toBe(await sha256(asStream(await server.view.get(key))))
  }

  function newKey(): string {
    count += 1
    return `faults/${count}/x`
  }

  const write = (store: ObjectStore, key: string, bytes: number) =>
    store.write(key, () => pattern(bytes), { expectedBytes: bytes, signal })

  describe.each([
    ['a part', PART_3, LARGE],
    ['beginning an upload', CREATE, LARGE],
    ['completing an upload', COMPLETE, LARGE],
    ['a small object', PUT, 1000],
  ])('at %s', (_what, match, bytes) => {
    it.each([429, 500, 503])('outlasts a store that answers %d for a while', async (status) => {
      const key = newKey()
      proxy.set({ match, times: 2, fault: { kind: 'answer', status } })
      expect(await write(await open(), key, bytes)).toMatchObject({ size: bytes })
      await expectStored(key, bytes)
    })

    it('outlasts connections that break', async () => {
      const key = newKey()
      proxy.set({ match, times: 2, fault: { kind: 'cut', afterBytes: match === PART_3 ? MIB : 0 } })
      await write(await open(), key, bytes)
      await expectStored(key, bytes)
    })

    it.each([1, 2])('succeeds when the store did it and its answer was lost %d times', async (times) => {
      const key = newKey()
      proxy.set({ match, times, fault: { kind: 'drop-reply' } })
      expect(await write(await open(), key, bytes)).toMatchObject({ key, size: bytes })
      await expectStored(key, bytes)
    })

    it('ends when the store refuses for good, and leaves nothing', async () => {
      const key = newKey()
      proxy.set({ match, fault: { kind: 'answer', status: 500 } })
      await expect(write(await open({ retries: 1 }), key, bytes)).rejects.toMatchObject({
        code: 'store',
        message: expect.stringMatching(/answered 500/),
      })
      expect(await server.view.keys(key)).toEqual([])
    })

    it('ends when the store hangs, and leaves nothing', async () => {
      const key = newKey()
      proxy.set({ match, fault: { kind: 'hang' } })
      await expect(write(await open({ idleMs: 1_500, retries: 0 }), key, bytes)).rejects.toMatchObject({
        code: 'store',
        message: expect.stringMatching(/stopped answering/),
      })
      expect(await server.view.keys(key)).toEqual([])
    })

    it('says that the store is full, at once', async () => {
      const key = newKey()
      proxy.set({ match, fault: { kind: 'answer', status: 507, code: 'InsufficientStorage' } })
      await expect(write(await open(), key, bytes)).rejects.toMatchObject({
        code: 'store',
        message: expect.stringMatching(/no space left/),
      })
      expect(proxy.log.filter(({ fault }) => fault !== undefined).length).toBeLessThanOrEqual(4)
      expect(await server.view.keys(key)).toEqual([])
    })

    it('says that the store refuses these keys', async () => {
      const key = newKey()
      proxy.set({ match, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
      await expect(write(await open(), key, bytes)).rejects.toMatchObject({ code: 'store-access' })
      expect(await server.view.keys(key)).toEqual([])
    })
  })

  it.each([
    ['a part', /^PUT .*partNumber=1&/, LARGE],
    ['a small object', PUT, 1000],
  ])(
    'sends a checksum with %s where Object Lock asks for one, and from there on',
    async (_what, match, bytes) => {
      const store = await open()
      proxy.set({ match, times: 1, fault: { kind: 'answer', status: 400, code: 'InvalidRequest' } })
      const key = newKey()
      await write(store, key, bytes)
      await expectStored(key, bytes)
      const sent = proxy.log.filter(({ line }) => match.test(line))
      expect(sent.map(({ fault, headers }) => [fault, 'content-md5' in headers])).toEqual([
        ['answer', false],
        [undefined, true],
      ])
      proxy.reset()
      await write(store, newKey(), bytes)
      const later = proxy.log.filter(({ line }) => line.startsWith('PUT '))
      expect(later.length).toBeGreaterThan(0)
      expect(later.every(({ headers }) => 'content-md5' in headers)).toBe(true)
    },
  )

  it('ends where the request is invalid with a checksum too', async () => {
    proxy.set({ match: PUT, fault: { kind: 'answer', status: 400, code: 'InvalidRequest' } })
    await expect(write(await open(), newKey(), 1000)).rejects.toMatchObject({ code: 'store' })
    expect(proxy.log.filter(({ line }) => PUT.test(line))).toHaveLength(2)
  })

  it('succeeds when every answer to the last request was lost but the object stands', async () => {
    const store = await open({ retries: 1 })
    for (const [match, bytes] of [
      [COMPLETE, LARGE],
      [PUT, 1000],
    ] as const) {
      const key = newKey()
      proxy.set({ match, fault: { kind: 'drop-reply' } })
      await write(store, key, bytes)
      await expectStored(key, bytes)
    }
  })

  it('does not take an object for its own that somebody else wrote meanwhile', async () => {
    for (const bytes of [1000, LARGE]) {
      const key = newKey()
      const store = await open()
      const body = async function* () {
        yield* pattern(bytes)
        await server.view.put(key, 'not ours')
      }
      const writing = store.write(key, body, { expectedBytes: bytes, signal })
      await expect(writing).rejects.toMatchObject({ code: 'store-conflict' })
      expect((await server.view.get(key)).toString()).toBe('not ours')
    }
  })

  it('refuses an existing key before it reads a byte', async () => {
    const key = newKey()
    await server.view.put(key, 'here already')
    let opened = false
    const body = () => {
      opened = true
      return pattern(10)
    }
    const writing = (await open()).write(key, body, { expectedBytes: 10, signal })
    await expect(writing).rejects.toMatchObject({ code: 'store-conflict' })
    expect(opened).toBe(false)
  })

  it('stops reading at the first part that fails', async () => {
    let given = 0
    const body = async function* () {
      for await (const chunk of pattern(400 * MIB)) {
        given += chunk.length
        yield chunk
      }
    }
    proxy.set({ match: PART_3, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
    const writing = (await open()).write(newKey(), body, { expectedBytes: 400 * MIB, signal })
    await expect(writing).rejects.toMatchObject({ code: 'store-access' })
    expect(given).toBeLessThan(120 * MIB)
  })

  it('ends requests in flight when it is cancelled, and removes the parts', async () => {
    const controller = new AbortController()
    const key = newKey()
    proxy.set({ match: PART_3, fault: { kind: 'hang' } })
    const writing = (await open()).write(key, () => idleAfter(LARGE), {
      expectedBytes: LARGE,
      signal: controller.signal,
      onProgress: (bytes) => {
        if (bytes >= 16 * MIB) controller.abort()
      },
    })
    await expect(writing).rejects.toMatchObject({ code: 'cancelled' })
    expect(proxy.open).toBe(0)
    expect(await server.view.keys(key)).toEqual([])
  })

  it('hands on the reason of a cancel that is one of ours', async () => {
    const { LifeboatError } = await import('../../src/errors.ts')
    const controller = new AbortController()
    const reason = new LifeboatError('stall', 'nothing moved for ten minutes')
    const writing = (await open()).write(newKey(), () => idleAfter(LARGE), {
      expectedBytes: LARGE,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })
    await expect(writing).rejects.toBe(reason)
  })

  it('finishes reading an object although connections break', async () => {
    const key = newKey()
    const store = await open()
    await write(store, key, 3 * MIB)
    proxy.set({ match: /^GET /, times: 3, fault: { kind: 'cut-reply', afterBytes: MIB - 7 } })
    expect(await sha256(store.read(key))).toBe(await sha256(pattern(3 * MIB)))
    proxy.set({ match: /^GET /, times: 2, fault: { kind: 'cut-reply', afterBytes: 10 } })
    const part = await collect(store.read(key, { start: 100, end: 2 * MIB }))
    expect(part).toEqual((await collect(pattern(3 * MIB))).subarray(100, 2 * MIB))
  })

  it('never takes a cut connection for the end', async () => {
    const key = newKey()
    const store = await open({ retries: 1 })
    await write(store, key, MIB)
    proxy.set({ match: /^GET /, fault: { kind: 'cut-reply', afterBytes: 0 } })
    await expect(collect(store.read(key))).rejects.toMatchObject({ code: 'store' })
  })

  it('tells what is wrong with keys, bucket and endpoint, without the secret', async () => {
    const secret = 'a-secret-that-is-wrong'
    const wrong: [Partial<S3StoreOptions>, string, RegExp][] = [
      [{ credentials: { accessKeyId: server.accessKeyId, secretAccessKey: secret } }, 'store-access', /.*/],
      [{ credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: secret } }, 'store-access', /.*/],
      [{ bucket: 'no-such-bucket' }, 'store-access', /no bucket no-such-bucket/],
      [{ endpoint: 'http://127.0.0.1:9' }, 'store', /127\.0\.0\.1:9 cannot be reached/],
    ]
    for (const [options, code, message] of wrong) {
      const store = await open({ retries: 1, ...options })
      const failures = await Promise.allSettled([
        write(store, 'wrong/x', 10),
        collect(store.read('wrong/x')),
        list(store),
      ])
      for (const failure of failures) {
        expect(failure).toMatchObject({
          status: 'rejected',
          reason: { code, message: expect.stringMatching(message) },
        })
        expect(
          JSON.stringify(failure) + String(failure.status === 'rejected' && failure.reason),
        ).not.toContain(secret)
      }
    }
  })
})

async function list(store: ObjectStore): Promise<number> {
  let found = 0
  for await (const _ of store.list('')) found += 1
  return found
}

async function* asStream(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
