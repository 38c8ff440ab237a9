import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runAction } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../support/meilisearch-target.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { startRadosgw } from '../support/radosgw.ts'
import { followRunbook, type RunbookResult, type RunbookRun } from '../support/runbook.ts'

jest.setTimeout(300_000)

/** Runs against a real server too: see `meilisearch-target.ts`. */
describe('RUNBOOK_DR.md, search lost', () => {
  let folder: string
  let database: PostgresServer
  let search: MeilisearchTarget

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-runbook-'))
    ;[database, search] = await Promise.all([startPostgres(), meilisearchTarget()])
    await database.psql('CREATE DATABASE shop TEMPLATE template0')
    await database.psql(
      `CREATE SCHEMA shop; CREATE TABLE shop.products AS SELECT i AS id, 'Lamp no. ' || i AS title
       FROM generate_series(1, 500) i`,
      'shop',
    )
  })
  afterAll(async () => {
    await search[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    await search.clear()
    await search.done(search.client.createIndex('products', 'id'))
    await search.done(
      search.client.addDocuments('products', Buffer.from('{"id":9999,"title":"what is left"}')),
    )
  })

  async function follow(
    name: string,
    blocks: readonly string[],
    more: Partial<RunbookRun> & { identity?: string } = {},
  ): Promise<RunbookResult> {
    const place = join(folder, name)
    await mkdir(place)
    await cp(resolve(import.meta.dirname, '../../dist'), join(place, 'dist'), { recursive: true })
    await writeFile(join(place, 'recovery.txt'), more.identity ?? '')
    const query = 'SELECT id, title FROM shop.products'
    const index = JSON.stringify({ uid: 'products', 'primary-key': 'id', query, settings: {} })
    await writeFile(join(place, 'search.yml'), `indexes: [${index}]`)
    return followRunbook({
      folder: place,
      blocks,
      path: [database.binDir],
      ...(more.instead && { instead: more.instead }),
      files: {
        ...more.files,
        'target.env': {
          PGHOST: database.host,
          PGPORT: String(database.port),
          PGUSER: database.superuser,
          PGPASSWORD: database.password,
          PGSSLMODE: 'disable',
          TARGET_DATABASE_URL: database.url('shop'),
          RESCUE_DATABASE_URL: database.url('shop_rescue'),
        },
        'search.env': { MEILI_HOST: search.url, MEILI_API_KEY: search.masterKey },
      },
    })
  }

  async function documentsIn(uid: string): Promise<number> {
    const answer = await fetch(`${search.url}/indexes/${uid}/stats`, {
      headers: { authorization: `Bearer ${search.masterKey}` },
    })
    return ((await answer.json()) as { numberOfDocuments: number }).numberOfDocuments
  }

  it.each([
    ['on a laptop', 'laptop', ['search-laptop']],
    ['by hand', 'by-hand', ['search-by-hand', 'search-swap']],
  ])('rebuilds search from the database %s', async (_how, name, way) => {
    const { exitCode, said } = await follow(name, ['target', 'search-recognise', ...way])
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toMatch(/available[^]*"products": 1\n/)
    expect(await documentsIn('products')).toBe(500)
    const verified = await follow(`${name}-verify`, ['target', 'search-recognise', 'search-verify'])
    expect(verified.said).toMatch(/"products": 500[^]*\n500\n/)
  })

  it('brings search back from its backup', async () => {
    await using store = await startRadosgw()
    const { identity, recipient } = await keyPair()
    const backup = await runAction({
      inputs: { command: 'backup', source: 'meilisearch', bucket: store.bucket, endpoint: store.endpoint },
      env: {
        MEILI_HOST: search.url,
        MEILI_API_KEY: search.masterKey,
        R2_ACCESS_KEY_ID: store.accessKeyId,
        R2_SECRET_ACCESS_KEY: store.secretAccessKey,
        AGE_RECIPIENT: recipient,
      },
    })
    if (backup.exitCode !== 0) throw new Error(backup.log)
    const id = backup.outputs['backup-id'] ?? ''
    await search.clear()
    const { exitCode, said } = await follow(
      'dump',
      ['shell', 'target', 'search-recognise', 'search-dump-laptop', 'search-dump-by-hand'],
      {
        identity: `${identity}\n`,
        instead: { '20261122T021500Z-4d5e6f': id, 'search.example.com': new URL(search.url).host },
        files: {
          'recovery.env': {
            R2_ENDPOINT: store.endpoint,
            BACKUP_REGION: store.region,
            BACKUP_BUCKET: store.bucket,
            BACKUP_PREFIX: 'db/',
            NAME: 'shop',
            R2_ACCESS_KEY_ID: store.accessKeyId,
            R2_SECRET_ACCESS_KEY: store.secretAccessKey,
          },
        },
      },
    )
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(await documentsIn('products')).toBe(1)
    expect(said).toMatch(/meilisearch\.dump\.age: OK\n[^]*"dumpVersion":"V6"/)
  })
})
