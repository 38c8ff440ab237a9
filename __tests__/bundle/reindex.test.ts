import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readDocuments } from '../../src/meilisearch/documents.ts'
import { textOf } from '../../src/meilisearch/json-text.ts'
import { runAction, startAction, type ActionOptions, type ActionResult } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { runCli } from '../support/cli-run.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../support/meilisearch-target.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'

const DATABASE = 'Käse; "shop"'
const ROWS = 3000
const PRODUCTS = `
  - uid: products
    primary-key: id
    query: SELECT id, title, price, big, tags, added, attr FROM products ORDER BY id
    settings: {searchableAttributes: [title], sortableAttributes: [price]}
`
const REVIEWS = `
  - uid: new_reviews-1
    primary-key: key
    query: SELECT 'r-' || id AS key, id AS product FROM products WHERE id <= 10
    settings-file: reviews.json
`

/** Runs against a real server too: see `meilisearch-target.ts`. */
describe('command: reindex', () => {
  let folder: string
  let database: PostgresServer
  let search: MeilisearchTarget
  let proxy: FaultProxy

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-reindex-'))
    ;[database, search] = await Promise.all([startPostgres(), meilisearchTarget()])
    proxy = await startFaultProxy(search.url)
    await database.psql(`CREATE DATABASE "${DATABASE.replaceAll('"', '""')}" TEMPLATE template0`)
    await database.psql(
      `CREATE TABLE products AS SELECT i AS id, 'Shirt ::warning:: ' || i AS title, i / 100.0 AS price,
         9007199254740990 + i AS big, ARRAY['t', i::text] AS tags,
         '2026-11-22 02:15:00Z'::timestamptz AS added, '{"n": 12345678901234567890}'::jsonb AS attr
       FROM generate_series(1, ${ROWS}) i`,
      DATABASE,
    )
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await search[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    await search.clear()
    await search.done(search.client.createIndex('products', 'id'))
    await search.done(search.client.updateSettings('products', '{"stopWords":["old"]}'))
    await search.done(search.client.addDocuments('products', Buffer.from('{"id":1,"title":"live"}')))
  })
  afterEach(() => proxy.reset())

  /** Paths are as in the file: absolute here, for every step has a workspace of its own. */
  const step = async (
    indexes: string,
    inputs: Record<string, string> = {},
    env: Record<string, string> = {},
  ): Promise<ActionOptions> => {
    const path = join(folder, 'search.yml')
    await writeFile(path, `indexes:${indexes.replaceAll('reviews.json', join(folder, 'reviews.json'))}`)
    return {
      inputs: {
        command: 'reindex',
        reindex: path,
        'target-meili-host': proxy.endpoint,
        'target-meili-api-key': search.masterKey,
        limits: 'retries=2 stall=20s',
        ...inputs,
      },
      env: { DATABASE_URL: database.url(DATABASE), ...env },
    }
  }
  const run = async (...given: Parameters<typeof step>): Promise<ActionResult> =>
    runAction(await step(...given))
  const documentsOf = async (uid: string): Promise<string[]> => {
    const texts: string[] = []
    for await (const { bytes, spans } of readDocuments(search.client, uid))
      // A real server shows that a document has none, whatever its index.
      texts.push(...spans.map((span) => textOf(bytes, span).replace(',"_vectors":{}', '')))
    return texts
  }
  const indexes = async (): Promise<string[]> => (await search.client.indexes()).map(({ uid }) => uid)
  const settingsOf = async (uid: string): Promise<Record<string, unknown>> =>
    JSON.parse((await search.client.settings(uid)).toString()) as Record<string, unknown>
  /** Search is as it was before, and nothing else is there. */
  const expectUntouched = async (): Promise<void> => {
    expect(await indexes()).toEqual(['products'])
    expect(await documentsOf('products')).toEqual(['{"id":1,"title":"live"}'])
    expect(await settingsOf('products')).toMatchObject({ stopWords: ['old'] })
  }
  const newestTask = async (): Promise<number> => (await search.client.tasks('limit=1')).results[0]?.uid ?? -1

  it('builds every index anew and swaps all of them in at once', async () => {
    await writeFile(join(folder, 'reviews.json'), '{"filterableAttributes": ["product"]}')
    const result = await run(PRODUCTS + REVIEWS)
    expect(result.log).not.toMatch(/^::error::/m)
    expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
    expect(result.outputs).toMatchObject({ indexes: '2', documents: String(ROWS + 10) })
    expect(Number(result.outputs['lag-seconds'])).toBeGreaterThan(0)
    expect(Number(result.outputs['rto-seconds'])).toBeGreaterThanOrEqual(
      Number(result.outputs['lag-seconds']),
    )
    expect(Math.abs(Date.now() - Date.parse(result.outputs['snapshot-time'] ?? ''))).toBeLessThan(120_000)
    expect(await indexes()).toEqual(['new_reviews-1', 'products'])
    const products = await documentsOf('products')
    expect(new Set(products).size).toBe(ROWS)
    expect(products).toContain(
      '{"id":2,"title":"Shirt ::warning:: 2","price":0.02,"big":"9007199254740992","tags":["t","2"],"added":"2026-11-22T02:15:00Z","attr":{"n":12345678901234567890}}',
    )
    expect(
      products.some((text) => text.startsWith('{"id":1,') && text.includes('"big":9007199254740991,')),
    ).toBe(true)
    expect(await documentsOf('new_reviews-1')).toHaveLength(10)
    expect(await settingsOf('products')).toMatchObject({ searchableAttributes: ['title'], stopWords: [] })
    expect(await settingsOf('new_reviews-1')).toMatchObject({ filterableAttributes: ['product'] })
    expect(result.summary).toMatch(/<code>products<\/code> \| 3,000 \| 1 \|/)
    expect(result.summary).toMatch(/within the target of 30 min/)
  })

  it('halves what the server finds too large, and goes on where it was busy or an answer was lost', async () => {
    proxy.set(
      {
        match: /^POST \/indexes\/products-[^/]+\/documents/,
        fault: { kind: 'answer', status: 413 },
        times: 3,
      },
      {
        match: /^POST \/indexes\/products-[^/]+\/documents/,
        fault: { kind: 'answer', status: 503 },
        times: 1,
      },
      { match: /^POST \/indexes\/products-[^/]+\/documents/, fault: { kind: 'drop-reply' }, times: 1 },
      { match: /^POST \/indexes$/, fault: { kind: 'answer', status: 429 }, times: 1 },
      // Beforehand it is tried without effect whether the key may swap.
      { match: /^POST \/swap-indexes/, fault: { kind: 'edit-reply' }, times: 1 },
      // The swap is done, and nobody hears of it: a second one would undo it.
      { match: /^POST \/swap-indexes/, fault: { kind: 'drop-reply' } },
    )
    const result = await run(PRODUCTS)
    expect(result).toMatchObject({ exitCode: 0 })
    expect(proxy.log.filter(({ line }) => line.startsWith('POST /swap-indexes'))).toHaveLength(2)
    expect(await documentsOf('products')).toHaveLength(ROWS)
    expect(await indexes()).toEqual(['products'])
  })

  it.each([
    [
      'a query fails half-way',
      'SELECT id, 1 / (2500 - id) AS x FROM products',
      /query of index "products" \(line 2\) failed after \d+ rows/,
    ],
    [
      'a join multiplies rows',
      'SELECT p.id FROM products p JOIN generate_series(1, 2) t ON p.id <> 7 OR t = 1 ORDER BY p.id',
      /several rows with the same "id": 1 \(2 rows\), 10 \(2 rows\), /,
    ],
    [
      'keys far from each other are equal',
      'SELECT id % 2999 AS id FROM products ORDER BY products.id',
      /several rows with the same "id": 1 \(2 rows\)\./,
    ],
    [
      'a key is none',
      "SELECT id || ' b' AS id FROM products",
      /gives the "id" "1 b", which Meilisearch takes for no key/,
    ],
    [
      'there is nothing',
      'SELECT id FROM products WHERE false',
      /gives no document, and there are 1 in search/,
    ],
  ])('leaves search as it was where %s', async (_, query, message) => {
    const result = await run(
      `\n  - uid: products\n    primary-key: id\n    query: ${query}\n    settings: {}\n`,
    )
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(message)
    await expectUntouched()
  })

  it.each([
    [
      'hangs',
      'stall=2s',
      { kind: 'hang' },
      /sent nothing for 2 s in answer to POST \/indexes\/products-lifeboat-/,
    ],
    [
      'is overloaded',
      'stall=1m',
      { kind: 'answer', status: 503 },
      /answered POST .* with 503, again and again/,
    ],
    [
      'wants less than one document',
      'stall=1m',
      { kind: 'answer', status: 413 },
      /the document with the key 1 is larger/,
    ],
  ] as const)('leaves search as it was where the server %s', async (_, limits, fault, message) => {
    proxy.set({ match: /^POST \/indexes\/products-[^/]+\/documents/, fault })
    const result = await run(PRODUCTS, { limits: `retries=1 ${limits}` })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(message)
    await expectUntouched()
  })

  it('leaves search as it was where a task fails after it was accepted', async () => {
    // The new index is created, gets its settings, and then documents.
    const uid = (await newestTask()) + 3
    const failed = {
      uid,
      status: 'failed',
      type: 'documentAdditionOrUpdate',
      error: { message: 'No space left on ::error:: device', code: 'no_space_left_on_device' },
    }
    proxy.set({
      match: new RegExp(`^GET /tasks/${uid}$`),
      fault: {
        kind: 'edit-reply',
        body: () => JSON.stringify(failed),
        headers: { 'content-encoding': 'identity' },
      },
    })
    const result = await run(PRODUCTS)
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(
      /accepted adding documents .* then failed to do it \(task \d+\): No space left/,
    )
    expect(result.log).not.toMatch(/^::error:: device/m)
    await expectUntouched()
  })

  it('leaves search as it was where the swap fails', async () => {
    proxy.set({ match: /^POST \/swap-indexes/, fault: { kind: 'answer', status: 503 } })
    const result = await run(PRODUCTS, { limits: 'retries=1 stall=5s' })
    expect(result.exitCode).toBe(1)
    await expectUntouched()
  })

  it('removes the new index within seconds when it is cancelled', async () => {
    proxy.set({ match: /^POST \/indexes\/products-[^/]+\/documents/, fault: { kind: 'hang' } })
    await using action = await startAction(await step(PRODUCTS))
    await untilHung()
    const result = await action.cancel()
    expect(result.signal).toBeNull()
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/The run was cancelled/)
    await eventually(expectUntouched)
    expect(await action.post()).toMatchObject({ exitCode: 0 })
    await expectUntouched()
  })

  it('removes the new index in the post step when it was killed', async () => {
    proxy.set({ match: /^POST \/indexes\/products-[^/]+\/documents/, fault: { kind: 'hang' } })
    await using action = await startAction(await step(PRODUCTS))
    await untilHung()
    action.kill('SIGKILL')
    await action.finished()
    expect(await indexes()).toEqual([
      'products',
      expect.stringMatching(/^products-lifeboat-\d{8}T\d{6}Z-[0-9a-f]{6}$/),
    ])
    const post = await action.post()
    expect(post).toMatchObject({ exitCode: 0 })
    expect(post.log).toMatch(/Removed the index "products-lifeboat-/)
    await expectUntouched()
  })

  it('never writes a redacted key of an embedder back, and takes the real one from its input', async () => {
    const key = 'embedder-key-of-thirty-characters-or-more'
    const embedder = {
      source: 'rest',
      url: 'http://127.0.0.1:9/embed',
      apiKey: key,
      dimensions: 3,
      request: { input: '{{text}}' },
      response: { data: '{{embedding}}' },
    }
    const settings = { embedders: { default: embedder } }
    // Without documents: a real server would ask the embedder for their vectors.
    await search.done(search.client.createIndex('embedded', 'id'))
    await search.done(search.client.updateSettings('embedded', JSON.stringify(settings)))
    const path = join(folder, 'embedded.json')
    await writeFile(path, await search.client.settings('embedded'))
    const declared = `\n  - uid: embedded\n    primary-key: id\n    query: SELECT id FROM products WHERE false\n    settings-file: ${path}\n`
    const refused = await run(declared)
    expect(refused.exitCode).toBe(1)
    expect(refused.log).toMatch(/are not in the settings.*\n?.*line 2: the key of embedded\.default/)
    const result = await run(declared, { 'meili-embedder-keys': `embedded.default=${key}` })
    expect(result).toMatchObject({ exitCode: 0 })
    const told = result.log.replace(/^::add-mask::.*$/gm, '') + result.summary + JSON.stringify(result.state)
    expect(told).not.toContain(key)
    if (search.standIn) {
      const stored = search.standIn.state.indexes.get('embedded')?.settings['embedders']
      expect(stored).toMatchObject({ default: { apiKey: key } })
    }
    expect((await settingsOf('embedded'))['embedders']).toMatchObject({
      default: { apiKey: 'embedXXXXXX...' },
    })
  })

  it('takes settings from the newest backup of search, encrypted as it is, and asks for the keys that it lacks', async () => {
    const key = 'embedder-key-of-thirty-characters-or-more'
    const embedder = { source: 'openAi', apiKey: key, model: 'text-embedding-3-small' }
    await search.done(search.client.createIndex('embedded', 'id'))
    await search.done(
      search.client.updateSettings('embedded', JSON.stringify({ embedders: { default: embedder } })),
    )
    const keys = await keyPair()
    const bucket = pathToFileURL(join(folder, 'bucket')).href
    const backup = await runAction({
      inputs: { command: 'backup', source: 'meilisearch', bucket, 'meili-host': search.url },
      env: { MEILI_API_KEY: search.masterKey, AGE_RECIPIENT: keys.recipient },
    })
    expect(backup).toMatchObject({ exitCode: 0 })
    const declared = `
  - {uid: products, primary-key: id, query: SELECT id FROM products, settings-from: backup}
  - {uid: copy, primary-key: id, query: SELECT id FROM products WHERE false, settings-from: "backup:embedded"}
`
    const env = { AGE_IDENTITY: keys.identity }
    const refused = await run(declared, { bucket }, env)
    expect(refused.exitCode).toBe(1)
    expect(refused.log).toMatch(/are not in the settings.*\n?.*line 3: the key of copy\.default/)
    const result = await run(declared, { bucket, 'meili-embedder-keys': `copy.default=${key}` }, env)
    expect(result.log).not.toMatch(/^::error::/m)
    expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
    expect(await settingsOf('products')).toMatchObject({ stopWords: ['old'] })
    expect((await settingsOf('copy'))['embedders']).toMatchObject({ default: { apiKey: 'embedXXXXXX...' } })
    const missing = await run(declared.replace('backup:embedded', 'backup:nowhere'), { bucket }, env)
    expect(missing.log).toMatch(/line 3: the newest backup of search has no index "nowhere"/)
    const placeless = await run(declared)
    expect(placeless.log).toMatch(/settings-from: backup needs to know where the backups of search are/)
  })

  it('says what a key may not do, and everything that is wrong with its inputs, before anything is touched', async () => {
    const wrongKey = await run(PRODUCTS, { 'target-meili-api-key': 'not-the-right-key' })
    expect(wrongKey.exitCode).toBe(1)
    expect(wrongKey.log).toMatch(/lacks version, tasks\.get, .*A key that is wrong or has expired lacks all/)
    expect(wrongKey.log.replaceAll('::add-mask::not-the-right-key', '')).not.toContain('not-the-right-key')
    const inputs = await runAction({
      inputs: {
        command: 'reindex',
        'target-meili-host': 'search',
        'meili-embedder-keys': 'sk-secret-key',
        bucket: 'b',
      },
    })
    for (const line of [
      'region: is missing',
      'reindex: is missing',
      'database-url: is missing',
      'target-meili-host: is no address',
      'meili-embedder-keys: line 1 is not of the form index.embedder=key',
    ])
      expect(inputs.log).toContain(line)
    const file = await run('\n  - uid: a b\n    query: ""\n')
    expect(file.log).toMatch(/line 2: indexes\.0\.uid/)
    await expectUntouched()
  })

  it('is red, with search in place, where it took longer than it may', async () => {
    const result = await run(PRODUCTS, { targets: 'rto=1ms' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/Search is in place, but rebuilding it took .* BEYOND the target/)
    expect(await documentsOf('products')).toHaveLength(ROWS)
  })

  it('runs from the command line', async () => {
    const { inputs } = await step(PRODUCTS)
    const cli = await runCli(
      ['reindex', '--reindex', inputs?.['reindex'] ?? '', '--target-meili-host', search.url],
      { DATABASE_URL: database.url(DATABASE), TARGET_MEILI_API_KEY: search.masterKey },
    )
    expect(cli).toMatchObject({ exitCode: 0, err: '' })
    expect(cli.out).toMatch(/documents: 3000/)
    expect(await documentsOf('products')).toHaveLength(ROWS)
  })

  async function untilHung(): Promise<void> {
    await eventually(() => {
      expect(proxy.log.some(({ fault }) => fault === 'hang')).toBe(true)
    })
  }
})

/** Again and again until it holds; the test's own limit ends it. */
async function eventually(holds: () => void | Promise<void>): Promise<void> {
  for (;;) {
    try {
      await holds()
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
