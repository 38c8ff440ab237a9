import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction, startAction, type ActionOptions, type ActionResult } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../support/meilisearch-target.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'

const FROM_BACKUP = 'Search "meilisearch", from its backup'
const REBUILT = 'Search, rebuilt from database "shop"'

interface Leg {
  readonly title: string
  readonly recoverySeconds: number | null
  readonly targetSeconds: number
  readonly facts: Readonly<Record<string, string>>
  readonly checks: readonly { readonly what: string; readonly outcome: string }[]
  readonly problems: readonly string[]
}

/** Runs against real servers too: see `meilisearch-target.ts`. */
describe('drill, of search', () => {
  let server: PostgresServer
  let live: MeilisearchTarget
  let scratch: MeilisearchTarget
  let application: Server
  let answers = true
  let folder = ''
  let store: StoredBackups
  let shop: StoredBackup
  let inputs: Readonly<Record<string, string>>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-drill-search-'))
    const keys = await keyPair()
    ;[server, live, scratch] = await Promise.all([startPostgres(), meilisearchTarget(), meilisearchTarget(1)])
    store = new StoredBackups(await emptyStore(folder), keys)
    await server.psql('CREATE DATABASE shop')
    await server.psql(
      "CREATE TABLE orders AS SELECT id, 'order ' || id AS text FROM generate_series(1, 500) id",
      'shop',
    )
    shop = await store.backUp(server.url('shop'))
    await live.done(live.client.createIndex('orders', 'id'))
    await live.done(live.client.addDocuments('orders', Buffer.from('{"id":1,"text":"order old"}\n')))
    const made = await runAction({
      inputs: { ...store.step(shop).inputs, command: 'backup', source: 'meilisearch', 'backup-id': '' },
      env: { MEILI_HOST: live.url, MEILI_API_KEY: live.masterKey, AGE_RECIPIENT: keys.recipient },
    })
    if (made.exitCode !== 0) throw new Error(made.log)

    // An application whose search is what the drill has rebuilt, as long as it is there.
    application = createServer((_request, response) => {
      if (!answers) return
      void scratch.client.stats('orders').then(
        ({ numberOfDocuments }) => response.end(`${numberOfDocuments} orders`),
        () => response.writeHead(503).end(),
      )
    })
    await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
    const { port } = application.address() as AddressInfo
    const http = { name: 'search finds', url: `http://127.0.0.1:${port}/`, contains: '500 orders' }
    await writeFile(join(folder, 'expectations.yml'), JSON.stringify({ http: [http] }))
    const query = 'SELECT id, text FROM orders'
    const index = { uid: 'orders', 'primary-key': 'id', query, settings: { searchableAttributes: ['text'] } }
    await writeFile(join(folder, 'search.yml'), JSON.stringify({ indexes: [index] }))
    inputs = {
      command: 'drill',
      'target-meili-host': scratch.url,
      'target-meili-api-key': scratch.masterKey,
      reindex: join(folder, 'search.yml'),
      expectations: join(folder, 'expectations.yml'),
      report: `${join(folder, 'drill.html')}, ${join(folder, 'drill.json')}`,
    }
  })
  afterAll(async () => {
    application.closeAllConnections()
    application.close()
    for (const each of [scratch, live, server]) await each[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => scratch.clear())

  const stepOf = (
    backup: StoredBackup,
    more: Readonly<Record<string, string>> = {},
    env: Readonly<Record<string, string>> = {},
  ): ActionOptions => {
    const step = store.step(backup, { ...inputs, ...more })
    return { ...step, env: { ...step.env, ...env } }
  }
  const drill = (...step: Parameters<typeof stepOf>): Promise<ActionResult> => runAction(stepOf(...step))
  const legs = async (): Promise<readonly Leg[]> => {
    const evidence = JSON.parse(await readFile(join(folder, 'drill.json'), 'utf8')) as { legs: Leg[] }
    return evidence.legs
  }
  const indexes = async (): Promise<string[]> => (await scratch.client.indexes()).map(({ uid }) => uid)

  it('imports its backup, rebuilds it from the restored database, has the application ask it, and leaves nothing', async () => {
    const result = await drill(shop)
    expect(result.log).toContain('The drill is PASSED.')
    expect(result).toMatchObject({ exitCode: 0, outputs: { drill: 'passed' }, leftFiles: [] })
    const [database, fromBackup, rebuilt, ...more] = await legs()
    expect([database, fromBackup, rebuilt]).toMatchObject([
      { title: 'Database "shop"', targetSeconds: 7_200, facts: { Rows: '500' } },
      { title: FROM_BACKUP, targetSeconds: 1_800, facts: { Indexes: '1', Documents: '1' } },
      { title: REBUILT, targetSeconds: 1_800, facts: { Indexes: '1', Documents: '500' } },
    ])
    expect(more).toEqual([])
    for (const leg of [database, fromBackup, rebuilt]) expect(leg?.recoverySeconds).toBeGreaterThan(0)
    for (const leg of [database, fromBackup]) {
      expect(leg?.checks).toContainEqual(
        expect.objectContaining({ what: 'negative-control', outcome: 'passed' }),
      )
    }
    expect(await readFile(join(folder, 'drill.html'), 'utf8')).toContain('Search, rebuilt from database')
    expect(result.summary).toContain('from its backup')
    expect(await indexes()).toEqual([])
  })

  it('leaves nothing on the server where it is killed while the application is asked', async () => {
    answers = false
    try {
      await using action = await startAction(stepOf(shop))
      await action.logged(/Drill: acceptance/)
      expect(await indexes()).toEqual(['orders'])
      action.kill('SIGKILL')
      await action.finished()
      const post = await action.post()
      expect(post.log).toContain('Removed the index "orders"')
      expect(post.exitCode).toBe(0)
      expect(await indexes()).toEqual([])
    } finally {
      answers = true
    }
  })

  it('touches no server that is not empty, and is red', async () => {
    await scratch.done(scratch.client.createIndex('orders', 'id'))
    await scratch.done(scratch.client.addDocuments('orders', Buffer.from('{"id":7}\n')))
    const result = await drill(shop)
    expect(result.exitCode).toBe(1)
    const [database, ...search] = await legs()
    expect(database?.problems).toEqual([])
    expect(search.map(({ problems }) => problems)).toEqual([
      [expect.stringContaining('is not empty')],
      [expect.stringContaining('is not empty')],
    ])
    expect((await scratch.client.stats('orders')).numberOfDocuments).toBe(1)
  })

  it('is red where search is backed up and no server is given that would take the backup', async () => {
    const only = { 'target-meili-host': '', 'target-meili-api-key': '', reindex: '', expectations: '' }
    const result = await drill(shop, only, { MEILI_HOST: live.url })
    expect(result.exitCode).toBe(1)
    expect(JSON.parse(result.outputs['drill-problems'] ?? '')).toEqual([
      `${FROM_BACKUP}: Not everything that proves the backup was measured.`,
      expect.stringMatching(/restored: .*NOT MEASURED/),
      expect.stringContaining('target-meili-host'),
    ])
    expect((await legs())[1]?.recoverySeconds).toBeNull()
  })

  it('rebuilds nothing where the database is not restored, and practises the rest', async () => {
    const damaged = await store.copy(shop)
    await store.damageDump(damaged, (bytes) => bytes.subarray(1))
    const result = await drill(damaged)
    expect(result.exitCode).toBe(1)
    const [, fromBackup, rebuilt] = await legs()
    expect(fromBackup?.problems).toEqual([])
    expect(rebuilt?.problems).toEqual([expect.stringContaining('nothing to rebuild search from')])
    expect(await indexes()).toEqual([])
  })

  it('refuses at once what is wrong with the declarations, and a choice between databases', async () => {
    await writeFile(join(folder, 'wrong.yml'), 'indexes:\n  - uid: orders\n')
    const wrong = await drill(shop, { reindex: join(folder, 'wrong.yml') })
    expect(wrong.log).toMatch(/wrong\.yml.*primary-key/s)
    await store.backUp(server.url('shop'), { name: 'crm' })
    const two = await drill(shop, { 'backup-id': '' })
    expect(two.log).toContain('rebuilt from one database, and there are backups of 2: crm, shop')
    expect([wrong.exitCode, two.exitCode]).toEqual([1, 1])
    expect([wrong.log, two.log].join('\n')).not.toContain('Drill: Database')
  })
})
