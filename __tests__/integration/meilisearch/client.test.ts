import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../src/catalog/ports.ts'
import { readDocuments } from '../../../src/meilisearch/documents.ts'
import { textOf } from '../../../src/meilisearch/json-text.ts'
import { followTask } from '../../../src/meilisearch/task.ts'
import { startFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts'
import { startMeilisearchServer } from '../../support/meilisearch-server.ts'
import { clientOf, meilisearchTarget, type MeilisearchTarget } from '../../support/meilisearch-target.ts'

/** An answer that is not compressed. */
const PLAIN = { kind: 'edit-reply', headers: { 'content-encoding': 'identity' } } as const

/** Runs against a real server too: see `meilisearch-target.ts`. */
describe('the client of Meilisearch', () => {
  let target: MeilisearchTarget
  let proxy: FaultProxy
  beforeAll(async () => {
    target = await meilisearchTarget()
    proxy = await startFaultProxy(target.url)
    await target.done(target.client.createIndex('pages', 'slug'))
    await target.done(target.client.createIndex('empty', null))
    const lines = Array.from(
      { length: 1000 },
      (_, i) => `{"slug":"p${i}","big":1234567890123456789${i % 10},"x":1.5}`,
    )
    await target.done(target.client.addDocuments('pages', Buffer.from(lines.join('\n'))))
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await target[Symbol.asyncDispose]()
  })
  afterEach(() => proxy.reset())

  const through = (options: Parameters<typeof clientOf>[2] = {}) =>
    clientOf(proxy.endpoint, target.masterKey, options)
  const failureOf = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => {
        throw new Error('it did not fail')
      },
      (error: unknown) => error as Error,
    )

  it('reads every document once, page by page, with all digits', async () => {
    const texts: string[] = []
    let pages = 0
    for await (const { bytes, spans, total } of readDocuments(target.client, 'pages')) {
      expect(total).toBe(1000)
      pages += 1
      texts.push(...spans.map((span) => textOf(bytes, span)))
    }
    expect(pages).toBeGreaterThan(1)
    expect(new Set(texts).size).toBe(1000)
    expect(texts[7]).toBe('{"slug":"p7","big":12345678901234567897,"x":1.5}')
  })

  it('asks no server again that has said nothing for as long as nothing may move', async () => {
    proxy.set({ match: /documents/, fault: { kind: 'hang' } })
    const client = through({ retries: 8, timeoutMs: 60_000, stallMs: 300 })
    const failure = await failureOf(client.documentsPage('pages', { offset: 0, limit: 1 }))
    expect(failure).toMatchObject({
      code: 'connection',
      message: expect.stringContaining('sent nothing for'),
    })
    expect(proxy.log).toHaveLength(1)
  })

  it('takes no page that is larger than memory has room for, and asks for smaller ones', async () => {
    await target.done(target.client.createIndex('large', 'id'))
    const large = (id: number): string => `{"id":${id},"body":"${'x'.repeat(6 * 1024 * 1024)}"}`
    const lines = Array.from({ length: 40 }, (_, id) => (id >= 10 && id < 14 ? large(id) : `{"id":${id}}`))
    await target.done(target.client.addDocuments('large', Buffer.from(lines.join('\n'))))
    const sizes: number[] = []
    let documents = 0
    for await (const { bytes, spans } of readDocuments(through(), 'large', 30)) {
      sizes.push(bytes.length)
      documents += spans.length
    }
    expect(documents).toBe(40)
    expect(Math.max(...sizes)).toBeLessThan(17 * 1024 * 1024)
    // The first page was asked for by the average; then by what was seen.
    expect(proxy.log.map(({ line }) => line)).toContainEqual(expect.stringContaining('offset=0&limit=50&'))
    const refused = through().documentsPage('large', { offset: 10, limit: 4, mostBytes: 1024 })
    expect(await failureOf(refused)).toMatchObject({
      code: 'meilisearch',
      message: expect.stringContaining('it has more than 1024 bytes'),
    })
    await target.done(target.client.deleteIndex('large'))
  })

  it('asks for the next page while one is used', async () => {
    const reading = readDocuments(through(), 'pages')
    await reading.next()
    // Nobody asked for more; only the proxy can tell when the request is there.
    const isAsked = (): boolean => proxy.log.some(({ line }) => line.includes('offset=200'))
    for (const end = Date.now() + 20_000; !isAsked() && Date.now() < end;) await nextTurn()
    expect(isAsked()).toBe(true)
    expect((await reading.next()).value?.spans).toHaveLength(800)
  })

  it('reads an index without documents', async () => {
    expect((await readDocuments(target.client, 'empty').next()).done).toBe(true)
    expect((await target.client.stats('empty')).numberOfDocuments).toBe(0)
  })

  it('lists more indexes than a page holds', async () => {
    const few = await target.client.indexes()
    for (let i = 0; i < 101; i++) await target.client.createIndex(`many_${i}`, 'id')
    await target.done(target.client.createIndex('many_last', 'id'))
    expect((await target.client.indexes()).length).toBe(few.length + 102)
    for (const { uid } of await target.client.indexes())
      if (uid.startsWith('many_')) await target.client.deleteIndex(uid)
  })

  it('says which action a key lacks, or that the key is wrong', async () => {
    const wrong = await failureOf(clientOf(target.url, 'wrong-key').indexes())
    expect(wrong).toMatchObject({
      code: 'privilege',
      message: expect.stringContaining('refuses the key for GET /indexes'),
    })
    expect(wrong).toMatchObject({ hint: expect.stringContaining('"indexes.get"') })
    expect(wrong.message).not.toContain('wrong-key')
    const none = await failureOf(clientOf(target.url, undefined).version())
    expect(none).toMatchObject({
      code: 'privilege',
      message: expect.stringContaining('wants a key for GET /version'),
    })
  })

  it('says that an index is not there, or that an address is not Meilisearch', async () => {
    expect(await target.client.index('nosuch')).toBeUndefined()
    expect(await failureOf(target.client.stats('nosuch'))).toMatchObject({
      code: 'meilisearch',
      message: expect.stringContaining('Index `nosuch` not found.'),
    })
    expect(await failureOf(target.client.read('/no-such-route', 'version'))).toMatchObject({
      message: expect.stringContaining('has no GET /no-such-route'),
    })
    proxy.set({ match: /version/, fault: { ...PLAIN, body: () => '<html>Log in</html>' } })
    expect(await failureOf(through().version())).toMatchObject({
      message: expect.stringContaining('it is not JSON'),
    })
    proxy.set({ match: /version/, fault: { ...PLAIN, body: () => '{"other":1}' } })
    expect(await failureOf(through().version())).toMatchObject({
      message: expect.stringContaining('pkgVersion'),
    })
    proxy.set({ match: /documents/, fault: { ...PLAIN, body: () => '{"results":[{"a":1}' } })
    expect(await failureOf(readDocuments(through(), 'pages').next())).toMatchObject({ code: 'meilisearch' })
  })

  it.each([429, 500, 503])(
    'sends a request again that was answered with %i, and gives up in the end',
    async (status) => {
      proxy.set({ match: /version/, fault: { kind: 'answer', status }, times: 2 })
      expect(await through().version()).toMatch(/^\d+\./)
      expect(proxy.log).toHaveLength(3)
      proxy.set({ match: /version/, fault: { kind: 'answer', status } })
      expect(await failureOf(through().version())).toMatchObject({
        message: expect.stringContaining(`answered GET /version with ${status}, again and again`),
      })
    },
  )

  it('sends nothing again that may have been done', async () => {
    proxy.set({ match: /swap-indexes/, fault: { kind: 'drop-reply' } })
    expect(await failureOf(through().swapIndexes([['pages', 'nosuch']]))).toMatchObject({
      code: 'connection',
    })
    expect(proxy.log).toHaveLength(1)
  })

  it('reads a page again of which only a part came', async () => {
    proxy.set({ match: /documents/, fault: { kind: 'cut-reply', afterBytes: 100 }, times: 1 })
    const { value } = await readDocuments(through(), 'pages').next()
    expect(value?.spans).toHaveLength(200)
    expect(proxy.log).toHaveLength(2)
  })

  it('gives a server up that hangs or is not there', async () => {
    proxy.set({ match: /version/, fault: { kind: 'hang' } })
    expect(await failureOf(through({ timeoutMs: 200, retries: 1 }).version())).toMatchObject({
      code: 'connection',
      message: expect.stringContaining('sent nothing for'),
    })
    // Port 1 is one that fetch does not even try.
    expect(await failureOf(clientOf('http://127.0.0.1:2', undefined).version())).toMatchObject({
      code: 'connection',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('stops at once when the run is cancelled', async () => {
    proxy.set({ match: /version/, fault: { kind: 'hang' } })
    const stop = new AbortController()
    const version = failureOf(through({ signal: stop.signal }).version())
    stop.abort(new Error('cancelled'))
    expect(await version).toMatchObject({ message: 'cancelled' })
  })

  it('follows a task to its end, and tells why it failed', async () => {
    const follow = async (uid: Promise<number>) =>
      followTask(target.client, await uid, { what: 'making "pages"', clock: systemClock, limitMs: 60_000 })
    expect(await failureOf(follow(target.client.createIndex('pages', 'slug')))).toMatchObject({
      code: 'meilisearch',
      message: expect.stringMatching(/accepted making "pages", and then failed .*`pages` already exists/),
    })
    expect(
      await failureOf(follow(target.client.addDocuments('pages', Buffer.from('{"noid":1}')))),
    ).toMatchObject({
      message: expect.stringContaining("doesn't have a `slug` attribute"),
    })
  })
})

describe('a task that does not end', () => {
  it('is canceled on the server after the limit, and when the run is cancelled', async () => {
    await using server = await startMeilisearchServer()
    server.state.taskMs = Number.POSITIVE_INFINITY
    const client = clientOf(server.url, undefined)
    const first = await client.createDump()
    await expect(
      followTask(client, first, { what: 'a dump', clock: systemClock, limitMs: 100 }),
    ).rejects.toMatchObject({ code: 'stall', message: expect.stringContaining('is still') })
    expect(server.state.tasks.all[first]?.status).toBe('canceled')

    const stop = new AbortController()
    const second = await client.createDump()
    const told: string[] = []
    const following = followTask(clientOf(server.url, undefined, { signal: stop.signal }), second, {
      what: 'a dump',
      clock: systemClock,
      limitMs: 60_000,
      progress: ({ status }) => {
        told.push(status)
        stop.abort(new Error('cancelled'))
      },
    })
    await expect(following).rejects.toThrow('cancelled')
    expect(told).toHaveLength(1)
    expect(server.state.tasks.all[second]?.status).toBe('canceled')
  })
})
