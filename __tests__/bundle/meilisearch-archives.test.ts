import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { meilisearchTarget } from '../support/meilisearch-target.ts'
import { REAL_DUMP } from '../support/meilisearch/real-dump.ts'

/** Dumps that a server made by itself; against real servers where the environment names them. */
describe('A dump of Meilisearch without a manifest', () => {
  let keys: KeyPair
  let store: string
  beforeAll(async () => {
    keys = await keyPair()
    store = await mkdtemp(join(tmpdir(), 'lifeboat-archives-'))
    await copyFile(REAL_DUMP, join(store, 'search.dump'))
    const encrypted = ['-r', keys.recipient, '-o', join(store, 'search.dump.age'), REAL_DUMP]
    await promisify(execFile)('age', encrypted)
  })
  afterAll(() => rm(store, { recursive: true }))

  const step = (inputs: Record<string, string>): Promise<ActionResult> =>
    runAction({
      inputs: { source: 'meilisearch', bucket: `file://${store}`, ...inputs },
      env: { AGE_IDENTITY: keys.identity },
    })
  const verify = (inputs: Record<string, string>): Promise<ActionResult> =>
    step({ command: 'restore-verify', ...inputs })

  it('is read through, counted and digested, and nothing is claimed of it', async () => {
    const result = await verify({ key: 'search.dump.age', targets: 'rto=1h' })
    expect(result.log).toContain('5 indexes, 125 documents, every line is JSON')
    expect(result.log).toMatch(/Index "products": 120 documents with the digest [0-9a-f]{64}, settings/)
    expect(result.log).toContain('it is encrypted for 1 × X25519')
    expect(result.log).toContain('NOT VERIFIED: what could be measured holds')
    expect(result.exitCode).toBe(0)
    expect(result.outputs).toMatchObject({ verified: 'false', verdict: 'partial', tables: '5', rows: '125' })
    expect(result.outputs).toMatchObject({ 'backup-id': '', 'failed-check': '', 'record-key': '' })
    expect(result.summary).toMatch(/NOT VERIFIED.* an archive without a manifest/)
    expect(result.summary).toMatch(/\| Manifest \| NOT MEASURED/)
    expect(result.summary).toMatch(/\| Equal to the snapshot \| NOT MEASURED/)
    expect(result.leftFiles).toEqual([])
    expect((await readdir(store)).sort()).toEqual(['meili', 'search.dump', 'search.dump.age'])
  })

  it('is imported into an empty server, and compared with what came of it', async () => {
    await using scratch = await meilisearchTarget(1)
    const target = { 'target-meili-host': scratch.url, 'target-meili-api-key': scratch.masterKey }
    const result = await verify({ key: 'search.dump', ...target })
    expect(result.log).toContain('Counts, documents and settings on the server are those of the dump')
    expect(result.log).toMatch(/searches found what they should/)
    expect(result.log).toContain('The archive is NOT encrypted.')
    expect(result.exitCode).toBe(0)
    expect(result.outputs).toMatchObject({ verdict: 'partial', tables: '5', rows: '125' })
    expect(result.summary).toMatch(/\| Equal to the snapshot \| passed/)
    expect(await scratch.client.indexes()).toEqual([])
  })

  it('is refused where it is damaged, encrypted to others, or not there', async () => {
    const tar = gunzipSync(await readFile(REAL_DUMP))
    tar.write('}', tar.indexOf('12345678901234567890'))
    await writeFile(join(store, 'broken.dump'), gzipSync(tar))
    const broken = await verify({ key: 'broken.dump' })
    expect(broken.log).toMatch(
      /broken\.dump fails at the rung "restored"[^]*pages\/documents\.jsonl is not JSON/,
    )
    expect(broken.outputs).toMatchObject({ verdict: 'failed', 'failed-check': 'restored' })
    expect(broken.exitCode).toBe(1)

    const cut = await readFile(join(store, 'search.dump.age'))
    await writeFile(join(store, 'cut.dump.age'), cut.subarray(0, cut.length - 7))
    const shortened = await verify({ key: 'cut.dump.age' })
    expect(shortened.outputs).toMatchObject({ verdict: 'failed', 'failed-check': 'unpacked' })

    const stranger = (await keyPair()).identity
    const locked = await runAction({
      inputs: {
        command: 'restore-verify',
        source: 'meilisearch',
        bucket: `file://${store}`,
        key: 'search.dump.age',
      },
      env: { AGE_IDENTITY: stranger },
    })
    expect(locked.outputs).toMatchObject({ verdict: 'none' })
    expect(locked.exitCode).toBe(1)

    const missing = await verify({ key: 'nowhere.dump' })
    expect(missing.log).toContain('There is no nowhere.dump in')
    expect(missing.exitCode).toBe(1)
    const confused = await verify({ key: 'search.dump', name: 'shop', extras: 'negative-control' })
    expect(confused.log).toMatch(/name: contradicts key[^]*key: names an archive without a manifest/)
    const database = await step({ command: 'restore-verify', source: 'postgres', key: 'app.dump' })
    expect(database.log).toContain('key: names an archive without a manifest')
  })

  it('gives single indexes back', async () => {
    await using server = await meilisearchTarget(1)
    const restore = (only: string): Promise<ActionResult> =>
      step({
        command: 'restore',
        key: 'search.dump',
        only,
        'target-meili-host': server.url,
        'target-meili-api-key': server.masterKey,
        confirm: new URL(server.url).host,
      })
    const uids = async (): Promise<string[]> => (await server.client.indexes()).map(({ uid }) => uid)
    const keysBefore = await server.client.keys()
    const unknown = await restore('products, article-*')
    expect(unknown.log).toContain('there is no index "article-*" in the dump')
    expect(unknown.log).toContain('It has: empty, new, pages, products, with_key-2.')
    expect(await uids()).toEqual([])
    const odd = await restore('shop.orders')
    expect(odd.log).toContain('only: names "shop.orders", which is no uid of an index')

    const result = await restore('pro*,\nempty')
    expect(result.log).toContain('2 indexes with 120 documents, each equal to the dump')
    expect(result.exitCode).toBe(0)
    expect(await uids()).toEqual(['empty', 'products'])
    expect(await server.client.keys()).toEqual(keysBefore)
    expect(result.summary).toContain('Of the 5 indexes of the backup only those')
    expect(result.summary).toContain('| Search server |')
  })
})
