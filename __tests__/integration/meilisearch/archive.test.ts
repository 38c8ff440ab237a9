import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { join } from 'node:path'
import type { Artifact } from '../../../src/catalog/manifest.ts'
import { systemClock } from '../../../src/catalog/ports.ts'
import type { ArtifactContent, Captured } from '../../../src/catalog/source.ts'
import { flow } from '../../../src/pipeline/flow.ts'
import { parseContents, type MeilisearchContents } from '../../../src/meilisearch/contents.ts'
import { inspectArchive } from '../../../src/meilisearch/inspect-archive.ts'
import { meilisearchSource, type MeilisearchSourceOptions } from '../../../src/meilisearch/source.ts'
import { followTask } from '../../../src/meilisearch/task.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { startMeilisearchServer, type MeilisearchServer } from '../../support/meilisearch-server.ts'
import { clientOf, meilisearchTarget, type MeilisearchTarget } from '../../support/meilisearch-target.ts'
import { filesOfDump, HIDDEN_SETTINGS, loadRealDump, REAL_DUMP } from '../../support/meilisearch/real-dump.ts'
import { emptyIndex, type StoredIndex } from '../../support/meilisearch/database.ts'
import { recordingLog } from '../../support/recording-log.ts'

/** Runs against a real server too: see `meilisearch-target.ts`. */
describe('a dump built from the API', () => {
  let target: MeilisearchTarget
  let place: string
  beforeAll(async () => {
    target = await meilisearchTarget()
    place = await mkdtemp(join(tmpdir(), 'lifeboat-archive-'))
    await loadRealDump(target)
  })
  afterAll(async () => {
    await target[Symbol.asyncDispose]()
    await rm(place, { recursive: true })
  })

  it('holds file by file what the real server put into its own', async () => {
    const { path, contents, captured } = await capture(target)
    const [ours, real] = [filesOfDump(path), filesOfDump()]
    const carried = [...real.keys()].filter((name) => !/^(batches\/|network\.json)/.test(name))
    expect([...ours.keys()]).toEqual(carried)
    for (const [name, text] of real) {
      if (!ours.has(name)) continue
      expect([name, comparable(name, ours.get(name) ?? '')]).toEqual([name, comparable(name, text)])
    }
    const documents = 'indexes/pages/documents.jsonl'
    expect(ours.get(documents)).toBe(real.get(documents))
    expect(ours.get(documents)).toContain('"big":12345678901234567890')
    expect(ours.get('indexes/products/documents.jsonl')).toBe(real.get('indexes/products/documents.jsonl'))
    expect(captured.facts).toMatchObject({
      source: 'meilisearch',
      contents: { way: 'api', indexes: 5, documents: 125, redacted: 1 },
    })
    expect(contents.indexes.find(({ uid }) => uid === 'with_key-2')?.hiddenKeys).toEqual(['remote'])
    expect(captured.facts.recovery.join('\n')).toContain('meilisearch --import-dump')
    expect(captured.facts.recovery.join('\n')).toContain('1 embedder(s) had an API key')
  })

  it('has the digests that a reader of either dump finds', async () => {
    const { path, contents } = await capture(target)
    const ours = await inspectArchive(chunksOf(await readFile(path)))
    const real = await inspectArchive(chunksOf(await readFile(REAL_DUMP)))
    for (const index of contents.indexes) {
      const { documents, documentsDigest, settingsDigest, primaryKey } = index
      const expected = { uid: index.uid, documents, documentsDigest, primaryKey }
      expect(ours.indexes.find(({ uid }) => uid === index.uid)).toMatchObject({ ...expected, settingsDigest })
      expect(real.indexes.find(({ uid }) => uid === index.uid)).toMatchObject(expected)
    }
    expect(ours.keys.map(({ uid }) => uid)).toEqual(contents.keys)
    expect(ours.features).toEqual(['metrics', 'containsFilter'])
  })

  it('carries webhooks without what the API hides of them, and says what it holds in clear', async () => {
    const url = 'http://127.0.0.1:9/called'
    const headers = { Authorization: 'Bearer a-secret-of-the-receiver', 'X-Shop': 'shown' }
    await target.ask('POST', '/webhooks', { url, headers })
    await target.ask('POST', '/webhooks', { url: `${url}/plain` })
    const { path, contents, captured } = await capture(target)
    const text = filesOfDump(path).get('webhooks.json') ?? ''
    const { webhooks } = JSON.parse(text) as { webhooks: Record<string, unknown> }
    expect(Object.values(webhooks)).toEqual(
      expect.arrayContaining([
        { url, headers: { 'X-Shop': 'shown' } },
        { url: `${url}/plain`, headers: {} },
      ]),
    )
    expect(text).not.toMatch(/authorization|Bearer/i)
    expect(contents.hidden).toEqual([expect.stringMatching(/^the Authorization header of the webhook /)])
    expect(captured.facts).toMatchObject({ contents: { redacted: 2 } })
    const notes = captured.facts.notes.join('\n')
    expect(notes).toContain('1 secret(s) of webhooks, which the API hides, are not in the backup')
    expect(notes).toContain('1 webhook(s) send headers besides Authorization')
    expect((await inspectArchive(chunksOf(await readFile(path)))).webhooks).toBe(2)
  })

  /** What has to be equal of a file: times and random uids are each server's own. */
  function comparable(name: string, text: string): unknown {
    if (name === 'tasks/queue.jsonl') return 'not carried'
    const lines = text.split('\n').filter((line) => line !== '')
    const ownUid = /"name":"(Default |backup")/
    return lines.map((line) => {
      const skip = new Set(['dumpDate', 'createdAt', 'updatedAt', 'created_at', 'updated_at'])
      if (name.endsWith('settings.json')) HIDDEN_SETTINGS.forEach((field) => skip.add(field))
      if (name.endsWith('settings.json')) skip.add('apiKey')
      if (name === 'keys.jsonl' && ownUid.test(line)) skip.add('uid')
      return JSON.parse(line, (key, value: unknown) => (skip.has(key) ? undefined : value))
    })
  }

  it('is whole for a server without a single index', async () => {
    await using empty = await startMeilisearchServer()
    const { path, captured } = await capture({ url: empty.url, masterKey: undefined })
    const inspected = await inspectArchive(chunksOf(await readFile(path)))
    expect(inspected.indexes).toEqual([])
    expect(captured.facts).toMatchObject({ contents: { indexes: 0, documents: 0 } })
  })

  async function capture(
    server: { readonly url: string; readonly masterKey: string | undefined },
    options: Partial<MeilisearchSourceOptions> = {},
  ): Promise<{ path: string; contents: MeilisearchContents; captured: Captured; log: readonly string[] }> {
    return captureInto(place, server, options)
  }
})

describe('a server that does not hold still', () => {
  let place: string
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'lifeboat-archive-'))
  })
  afterAll(() => rm(place, { recursive: true }))
  let server: MeilisearchServer
  const add = async (uid: string, from: number, count: number): Promise<void> => {
    const client = clientOf(server.url, undefined)
    const lines = Array.from({ length: count }, (_, i) => `{"id":${from + i}}`)
    const task = await client.addDocuments(uid, Buffer.from(lines.join('\n')))
    await followTask(client, task, { what: 'a test', clock: systemClock, limitMs: 30_000 })
  }
  beforeEach(async () => {
    server = await startMeilisearchServer()
    await add('movies', 0, 500)
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
  })
  const other = (): StoredIndex => emptyIndex('id', server.state.now())
  const documentsOf = ({ indexes }: MeilisearchContents): Readonly<Record<string, number>> =>
    Object.fromEntries(indexes.map(({ uid, documents }) => [uid, documents]))
  /** Adds a document while the second page is being read, so many times. */
  const write = (times: number): void => {
    let done = 0
    server.onRequest = (line) => {
      if (!line.includes('offset=200') || done === times) return
      done += 1
      const index = server.state.indexes.get('movies')
      index?.documents.set(`new ${done}`, { document: { id: `new ${done}` }, vectors: {} })
      if (index) index.updatedAt = server.state.now()
    }
  }

  it('is read again until an index held still', async () => {
    write(2)
    const { contents, log } = await captureInto(place, server, { retries: 2 })
    expect(contents.indexes[0]).toMatchObject({ documents: 502, consistent: true })
    expect(log.filter((line) => line.includes('it is read again'))).toHaveLength(2)
  })

  it('fails the backup where an index never holds still', async () => {
    write(Number.POSITIVE_INFINITY)
    await expect(captureInto(place, server, { retries: 2 })).rejects.toMatchObject({
      code: 'snapshot',
      message: expect.stringMatching(
        /^Index "movies" went from 50\d to 50\d documents while it was read, 3 times/,
      ),
      hint: expect.stringContaining('allow-inconsistent'),
    })
  })

  it('is stored as it is where that is allowed, and said to be so', async () => {
    write(Number.POSITIVE_INFINITY)
    const { captured, contents, path, log } = await captureInto(place, server, {
      retries: 1,
      allowInconsistent: true,
    })
    expect(captured.facts).toMatchObject({ contents: { perIndex: [{ consistent: false }] } })
    expect(captured.facts.notes.join()).toContain('INCONSISTENT: 1 index(es)')
    expect(log.filter((line) => line.startsWith('warning'))).toHaveLength(1)
    // What was stored is whole all the same, and what the contents say.
    const { indexes } = await inspectArchive(chunksOf(await readFile(path)))
    expect(indexes[0]?.documentsDigest).toBe(contents.indexes[0]?.documentsDigest)
  })

  it('notices a change that leaves the number of documents as it was', async () => {
    let once = true
    server.onRequest = (line) => {
      if (!once || !line.includes('offset=200')) return
      once = false
      const index = server.state.indexes.get('movies')
      index?.documents.set('7', { document: { id: 7, title: 'other' }, vectors: {} })
      if (index) index.updatedAt = server.state.now()
    }
    const { log } = await captureInto(place, server, { retries: 3 })
    expect(log.some((line) => line.includes('it is read again'))).toBe(true)
  })

  it('begins the list again where an index is deleted half-way, or a new one comes', async () => {
    await add('other', 0, 3)
    server.onRequest = (line) => {
      if (line.includes('offset=200')) server.state.indexes.delete('movies')
    }
    const deleted = await captureInto(place, server, {})
    expect(deleted.contents.indexes).toMatchObject([{ uid: 'other', documents: 3 }])
    expect(deleted.log.join('\n')).toContain('The list is begun again (1 of 2)')
    server.onRequest = (line) => {
      if (line.includes('/indexes/other/documents')) server.state.indexes.set('shows', other())
    }
    const come = await captureInto(place, server, {})
    expect(come.contents.indexes.map(({ uid }) => uid)).toEqual(['other', 'shows'])
    const { indexes } = await inspectArchive(chunksOf(await readFile(come.path)))
    expect(indexes.map(({ uid }) => uid)).toEqual(['other', 'shows'])
  })

  it('fails the backup where new indexes never stop coming, unless that is allowed', async () => {
    await add('other', 0, 3)
    let number = 0
    server.onRequest = (line) => {
      if (line.includes('/indexes/other/documents')) server.state.indexes.set(`new-${(number += 1)}`, other())
    }
    await expect(captureInto(place, server, { retries: 1 })).rejects.toMatchObject({
      code: 'snapshot',
      message: 'While the backup was made, new indexes came: new-2.',
    })
    const allowed = await captureInto(place, server, { retries: 1, allowInconsistent: true })
    expect(allowed.contents.indexes.map(({ uid }) => uid)).toContain('other')
    expect(allowed.log.join('\n')).toContain('was made while the backup was: it is not in it')
    // One that goes before it was read is allowed too.
    server.onRequest = (line) => {
      if (line.includes('/indexes/other/documents')) server.state.indexes.delete('other')
    }
    const gone = await captureInto(place, server, { retries: 0, allowInconsistent: true })
    expect(gone.contents.indexes.map(({ uid }) => uid)).not.toContain('other')
    expect(gone.log.join('\n')).toContain('It is not in the backup.')
  })

  it('begins the list again where two indexes are swapped between their reads, and for no other swap', async () => {
    await add('aaa', 0, 2)
    await add('bystander-1', 0, 1)
    await add('bystander-2', 0, 1)
    const swap = async (a: string, b: string): Promise<void> => {
      const client = clientOf(server.url, undefined)
      const task = await client.swapIndexes([[a, b]])
      await followTask(client, task, { what: 'a test', clock: systemClock, limitMs: 30_000 })
    }
    // The stand-in answers before it knows of the swap: the reads wait for it.
    const swapOnce = (a: string, b: string): Promise<void> => {
      let done: () => void
      const swapped = new Promise<void>((resolve) => (done = resolve))
      server.onRequest = (line) => {
        if (!line.includes('/indexes/movies/documents') || !line.includes('offset=200')) return
        server.onRequest = () => undefined
        void swap(a, b).then(() => done())
      }
      return swapped
    }
    const quiet = swapOnce('bystander-1', 'bystander-2')
    const first = await captureInto(place, server, {})
    await quiet
    expect(first.log.join('\n')).not.toContain('Index "movies" was given a task')
    const before = documentsOf(first.contents)
    expect(before).toMatchObject({ aaa: 2, movies: 500 })
    const torn = swapOnce('aaa', 'movies')
    const second = await captureInto(place, server, {})
    await torn
    expect(documentsOf(second.contents)).toMatchObject({ aaa: 500, movies: 2 })
    expect(second.log.join('\n')).toMatch(/were swapped: |is read again|The list is begun again/)
  })

  it('ends the request that is under way when the upload is given up', async () => {
    await using proxy = await startFaultProxy(server.url)
    proxy.set({ match: /\/documents\?/, fault: { kind: 'hang' } })
    const isAsked = (): boolean => proxy.log.some(({ line }) => line.includes('/documents?'))
    const givenUp = async ({ open }: ArtifactContent): Promise<Artifact> => {
      const head = open()
      if (head.kind !== 'bytes' || !(Symbol.asyncIterator in head.bytes)) throw new TypeError('no bytes')
      const bytes = head.bytes[Symbol.asyncIterator]()
      const reading = (async () => {
        while ((await bytes.next()).done !== true);
      })().catch(() => undefined)
      while (!isAsked()) await nextTurn()
      void reading
      throw new Error('the store is gone')
    }
    const source = meilisearchSource({
      server: { host: proxy.endpoint, apiKey: undefined, retries: 2, timeoutMs: 600_000, pauseMs: 5 },
      name: 'meilisearch',
      dumpDirectory: undefined,
      allowInconsistent: false,
      retries: 2,
      taskMs: 30_000,
      temporary: place,
    })
    const { signal } = new AbortController()
    const captured = source.capture({ log: recordingLog(), clock: systemClock, signal, begin: () => givenUp })
    await expect(captured).rejects.toThrow('the store is gone')
    while (proxy.open > 0) await nextTurn()
  })

  it('reads an index whose name is as odd as Meilisearch allows', async () => {
    const uid = `${'x'.repeat(200)}-_0`
    await add(uid, 0, 3)
    const { path, captured } = await captureInto(place, server, {})
    expect(filesOfDump(path).get(`indexes/${uid}/documents.jsonl`)).toBe('{"id":0}\n{"id":1}\n{"id":2}\n')
    expect(captured.facts.notes.join()).not.toContain('255 bytes')
  })

  it('says where a uid is too long for --import-dump', async () => {
    const uid = 'x'.repeat(300)
    await add(uid, 0, 3)
    const { path, captured } = await captureInto(place, server, {})
    expect(captured.facts.notes.join()).toContain('1 index(es) have a uid of more than 255 bytes')
    const { indexes } = await inspectArchive(chunksOf(await readFile(path)))
    expect(indexes.map((index) => [index.uid, index.documents])).toContainEqual([uid, 3])
  })

  it('leaves the keys within a composite embedder out, which the API shows whole', async () => {
    const rest = { source: 'rest', url: 'http://127.0.0.1:9', dimensions: 3, headers: { 'X-Team': 'shop' } }
    const composite = {
      source: 'composite',
      searchEmbedder: { ...rest, apiKey: 'sk-search-in-clear' },
      indexingEmbedder: { ...rest, apiKey: 'sk-indexing-in-clear' },
    }
    const client = clientOf(server.url, undefined)
    const set = client.updateSettings('movies', JSON.stringify({ embedders: { both: composite } }))
    await followTask(client, await set, { what: 'a test', clock: systemClock, limitMs: 30_000 })
    expect((await client.settings('movies')).toString()).toContain('sk-search-in-clear')
    const { path, contents, captured } = await captureInto(place, server, {})
    const settings = filesOfDump(path).get('indexes/movies/settings.json') ?? ''
    expect(settings).not.toContain('in-clear')
    // A server would have it embed a text before it starts.
    expect(JSON.parse(settings)).toMatchObject({ embedders: {} })
    expect(contents.indexes[0]?.apart).toMatchObject({
      both: { source: 'composite', searchEmbedder: rest, indexingEmbedder: rest },
    })
    expect(JSON.stringify(contents)).not.toContain('in-clear')
    const hiddenKeys = ['both.searchEmbedder', 'both.indexingEmbedder']
    expect(contents.indexes[0]).toMatchObject({ uid: 'movies', hiddenKeys })
    expect(captured.facts).toMatchObject({ contents: { redacted: 2 } })
    const notes = captured.facts.notes.join('\n')
    expect(notes).toContain('2 API key(s) of embedders are not in the backup')
    expect(notes).toContain('2 embedder(s) send HTTP headers')
    expect(notes).toContain('1 embedder(s) are not in the dump')
    expect(captured.facts.recovery.join('\n')).toContain('| .apart)}')
    expect(captured.facts.recovery.join('\n')).not.toContain('had an API key')
  })

  it('writes the dimensions that vectors have, where the settings do not say them', async () => {
    const rest = { source: 'rest', url: 'http://127.0.0.1:9', apiKey: 'sk-very-secret-of-the-embedder' }
    const client = clientOf(server.url, undefined)
    const set = client.updateSettings('movies', JSON.stringify({ embedders: { d: rest, empty: rest } }))
    await followTask(client, await set, { what: 'a test', clock: systemClock, limitMs: 30_000 })
    const line = '{"id":499,"_vectors":{"d":{"embeddings":[[1,2,3]],"regenerate":true}}}'
    const added = await client.addDocuments('movies', Buffer.from(line))
    await followTask(client, added, { what: 'a test', clock: systemClock, limitMs: 30_000 })
    const { path, contents, captured } = await captureInto(place, server, {})
    const { embedders } = JSON.parse(filesOfDump(path).get('indexes/movies/settings.json') ?? '') as {
      embedders: Record<string, unknown>
    }
    expect(embedders).toMatchObject({ d: { source: 'rest', dimensions: 3 } })
    expect(embedders).not.toHaveProperty('empty')
    expect(Object.keys(contents.indexes[0]?.apart ?? {})).toEqual(['empty'])
    expect(contents.indexes[0]?.hiddenKeys).toEqual(['d', 'empty'])
    expect(captured.facts.recovery.join('\n')).toContain('1 embedder(s) had an API key')
    const { indexes } = await inspectArchive(chunksOf(await readFile(path)))
    expect(indexes[0]?.settingsDigest).toBe(contents.indexes[0]?.settingsDigest)
  })

  describe('and its own dumps', () => {
    const own = (options: Partial<MeilisearchSourceOptions> = {}) =>
      captureInto(place, server, { dumpDirectory: place, ...options })
    beforeEach(() => {
      server.state.dumpFolder = place
    })

    it('is picked up from the folder where the server put it, and removed there', async () => {
      const { captured, contents, path } = await own()
      expect(captured.facts).toMatchObject({ contents: { way: 'server', documents: 500, redacted: 0 } })
      expect(contents.indexes[0]).toMatchObject({ uid: 'movies', documents: 500 })
      expect(filesOfDump(path).get('indexes/movies/documents.jsonl')?.split('\n')).toHaveLength(501)
      expect((await readdir(place)).filter((name) => name.endsWith('.dump'))).toEqual([])
    })

    it('fails where the task succeeded and no file can be reached', async () => {
      server.state.dumpFolder = undefined
      await expect(own({ appearMs: 10 })).rejects.toMatchObject({
        code: 'meilisearch',
        message: expect.stringMatching(/says that its dump succeeded, but there is no .*\.dump\.$/),
      })
      await expect(own({ dumpDirectory: `${place}/nowhere` })).rejects.toMatchObject({ code: 'input' })
    })

    it('fails where the task fails or takes too long', async () => {
      server.state.dumpFolder = `${place}/nowhere`
      await expect(own()).rejects.toMatchObject({
        code: 'meilisearch',
        message: expect.stringContaining('accepted a dump, and then failed to do it'),
      })
      server.state.taskMs = Number.POSITIVE_INFINITY
      await expect(own({ taskMs: 50 })).rejects.toMatchObject({ code: 'stall' })
    })

    it.each(['cut', 'flipped'])('fails where the file is %s', async (how) => {
      server.onRequest = (line) => {
        const task = server.state.tasks.all.at(-1)
        const uid = task?.details?.['dumpUid']
        if (!line.startsWith('GET /tasks/') || typeof uid !== 'string') return
        const whole = readFileSync(join(place, `${uid}.dump`))
        const middle = Math.floor(whole.length / 2)
        const flipped = Buffer.from(whole)
        flipped[middle] = (flipped[middle] ?? 0) ^ 0x55
        writeFileSync(join(place, `${uid}.dump`), how === 'cut' ? whole.subarray(0, middle) : flipped)
        server.onRequest = () => undefined
      }
      await expect(own()).rejects.toMatchObject({ code: 'damaged' })
      expect((await readdir(place)).filter((name) => name.endsWith('.dump'))).toEqual([])
    })
  })
})

async function captureInto(
  place: string,
  server: { readonly url: string; readonly masterKey: string | undefined },
  options: Partial<MeilisearchSourceOptions>,
): Promise<{ path: string; contents: MeilisearchContents; captured: Captured; log: readonly string[] }> {
  const log = recordingLog()
  const signal = new AbortController().signal
  const written = new Map<string, string>()
  const source = meilisearchSource({
    server: { host: server.url, apiKey: server.masterKey, retries: 2, timeoutMs: 30_000, pauseMs: 5 },
    name: 'meilisearch',
    dumpDirectory: undefined,
    allowInconsistent: false,
    retries: 2,
    taskMs: 30_000,
    temporary: place,
    pauseMs: 5,
    ...options,
  })
  const write = async ({ role, open, encode = [] }: ArtifactContent): Promise<Artifact> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of flow(open(), encode, { signal, stallMs: 60_000 })) chunks.push(chunk)
    const path = join(place, role)
    await writeFile(path, Buffer.concat(chunks))
    written.set(role, path)
    return {
      role,
      file: role,
      bytes: 1,
      sha256: '0'.repeat(64),
      plainBytes: 1,
      compression: 'none',
      recipients: [],
    }
  }
  const captured = await source.capture({ log, clock: systemClock, signal, begin: () => write })
  const contents = parseContents(await readFile(written.get('contents') ?? ''))
  return { path: written.get('dump') ?? '', contents, captured, log: log.lines }
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  await Promise.resolve()
  // Cut at odd places, as networks do.
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777)
}
