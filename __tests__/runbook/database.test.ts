import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from 'pg'
import { fillShop } from '../../demo/shop.ts'
import { runAction } from '../support/action-runner.ts'
import { backupStep, keyPair, type KeyPair } from '../support/backup-step.ts'
import { compareDigests, digestDatabase, type Fact } from '../support/database-digest.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'
import { followRunbook, type RunbookResult, type RunbookRun } from '../support/runbook.ts'

// Some twenty programs one after another, on a machine that may do other things.
jest.setTimeout(300_000)

const DAMAGE = `DELETE FROM shop.order_items WHERE line = 1; UPDATE shop.orders SET notes = 'gone'`

describe('RUNBOOK_DR.md, database corrupted or lost', () => {
  let folder: string
  let store: Radosgw
  let keys: KeyPair
  /** Where the accident happens. Every way leaves it as it was before. */
  let production: PostgresServer
  let before: readonly Fact[]
  let id: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-runbook-'))
    ;[store, production, keys] = await Promise.all([startRadosgw(), startPostgres(), keyPair()])
    await fillShop(production, 'shop', { scale: 0.02 })
    before = await digest(production)
    const { recipient } = keys
    const result = await runAction(
      backupStep({ server: production, store, recipient }, { compression: 'xz:0' }),
    )
    if (result.exitCode !== 0) throw new Error(result.log)
    id = result.outputs['backup-id'] ?? ''
    await makeSecondCopy()
  })
  afterAll(async () => {
    await store[Symbol.asyncDispose]()
    await production[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  async function makeSecondCopy(): Promise<void> {
    await store.client.send(new CreateBucketCommand({ Bucket: 'second-copy' }))
    const { endpoint, accessKeyId, secretAccessKey } = store
    const replica = `s3://second-copy/copy?endpoint=${endpoint}`
    const result = await runAction({
      inputs: { command: 'replicate', bucket: store.bucket, endpoint, replica },
      env: {
        R2_ACCESS_KEY_ID: accessKeyId,
        R2_SECRET_ACCESS_KEY: secretAccessKey,
        REPLICA_ACCESS_KEY_ID: accessKeyId,
        REPLICA_SECRET_ACCESS_KEY: secretAccessKey,
      },
    })
    if (result.exitCode !== 0) throw new Error(result.log)
  }

  function digest(server: PostgresServer, database = 'shop'): Promise<readonly Fact[]> {
    return digestDatabase({ url: server.url(database), binDir: server.binDir })
  }

  /** In a folder of its own, with the keys and the bundle, as the runbook wants it. */
  async function follow(
    name: string,
    server: PostgresServer,
    run: Pick<RunbookRun, 'blocks' | 'mayFail'>,
    {
      login = { user: server.superuser, password: server.password },
      bucket = store.bucket,
      prefix = 'db/',
    }: { login?: { user: string; password: string }; bucket?: string; prefix?: string } = {},
  ): Promise<RunbookResult> {
    const place = join(folder, name)
    await mkdir(place)
    await cp(resolve(import.meta.dirname, '../../dist'), join(place, 'dist'), { recursive: true })
    await writeFile(join(place, 'recovery.txt'), `# the recovery key\n${keys.identity}\n`)
    return followRunbook({
      ...run,
      folder: place,
      path: [server.binDir],
      files: {
        'recovery.env': {
          R2_ENDPOINT: store.endpoint,
          BACKUP_REGION: store.region,
          BACKUP_BUCKET: bucket,
          BACKUP_PREFIX: prefix,
          NAME: 'shop',
          R2_ACCESS_KEY_ID: store.accessKeyId,
          R2_SECRET_ACCESS_KEY: store.secretAccessKey,
        },
        'target.env': {
          PGHOST: server.host,
          PGPORT: String(server.port),
          PGUSER: login.user,
          PGPASSWORD: login.password,
          PGSSLMODE: 'disable',
          TARGET_DATABASE_URL: server.url('shop', login),
          RESCUE_DATABASE_URL: server.url('shop_rescue', login),
        },
      },
      instead: { '20261122T021500Z-1a2b3c': id },
    })
  }

  it('brings rows back on a laptop, and changes nothing else', async () => {
    await production.psql('DELETE FROM shop.order_items WHERE line = 1', 'shop')
    const blocks = ['shell', 'target', 'list-laptop', 'choose', 'stop', 'keep', 'rows-laptop', 'rows-merge']
    const { exitCode, said } = await follow('rows-laptop', production, {
      blocks: [...blocks, 'unstop', 'newest'],
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain(id)
    expect(compareDigests(before, await digest(production))).toEqual([])
    await production.psql('DROP DATABASE shop_rescue')
  })

  it('brings rows back by hand', async () => {
    await production.psql('DELETE FROM shop.order_items WHERE line = 1', 'shop')
    const blocks = [
      'shell',
      'target',
      'list-by-hand',
      'choose',
      'fetch-by-hand',
      'rows-by-hand',
      'rows-merge',
    ]
    const { exitCode, said } = await follow('rows-by-hand', production, { blocks })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain(`${id}/manifest.json`)
    expect(compareDigests(before, await digest(production))).toEqual([])
    await production.psql('DROP DATABASE shop_rescue')
  })

  it('lets nobody write, and replaces the database on a laptop', async () => {
    await production.psql(DAMAGE, 'shop')
    const stopped = await follow('stop', production, { blocks: ['shell', 'target', 'stop'] })
    expect(stopped.exitCode).toBe(0)
    await expect(production.psql(DAMAGE, 'shop')).rejects.toThrow(/read-only transaction/)
    const { exitCode, said } = await follow('replace-laptop', production, {
      blocks: ['shell', 'target', 'choose', 'keep', 'replace-laptop', 'newest'],
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(compareDigests(before, await digest(production))).toEqual([])
  })

  it('replaces the database by hand', async () => {
    await production.psql(DAMAGE, 'shop')
    const { exitCode, said } = await follow('replace-by-hand', production, {
      blocks: [
        ...['shell', 'target', 'choose', 'stop', 'fetch-by-hand', 'replace-by-hand', 'new-by-hand'],
        ...['new-by-hand-globals', 'new-by-hand-data', 'new-by-hand-end', 'verify-by-hand', 'password'],
      ],
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain('Every table has the rows that were recorded.')
    expect(compareDigests(before, await digest(production))).toEqual([])
    // As the application: with the password that was shown.
    const password = said.trimEnd().split('\n').at(-1) ?? ''
    const application = new Client({
      connectionString: production.url('shop', { user: 'shop_app', password }),
    })
    await application.connect()
    const { rows } = await application.query<{ user: string }>('SELECT current_user AS user')
    await application.end()
    expect(rows).toEqual([{ user: 'shop_app' }])
    expect(
      await production.psql("SELECT count(*) FROM shop.orders WHERE notes <> 'gone'", 'shop_damaged'),
    ).toBe('0')
  })

  it('restores onto a new server on a laptop, from the second copy', async () => {
    await using fresh = await startPostgres()
    const { exitCode, said } = await follow(
      'new-laptop',
      fresh,
      { blocks: ['shell', 'target', 'list-laptop', 'choose', 'new-laptop', 'password', 'newest'] },
      { bucket: 'second-copy', prefix: 'copy/' },
    )
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain('equal to what the snapshot held')
    expect(compareDigests(before, await digest(fresh))).toEqual([])
  })

  it('restores onto a new server by hand, and notices when a row is missing', async () => {
    await using fresh = await startPostgres()
    const { exitCode, said } = await follow('new-by-hand', fresh, {
      blocks: [
        ...['shell', 'target', 'choose', 'fetch-by-hand', 'new-by-hand', 'new-by-hand-globals'],
        ...['new-by-hand-data', 'new-by-hand-end', 'verify-by-hand'],
      ],
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain('Every table has the rows that were recorded.')
    expect(compareDigests(before, await digest(fresh))).toEqual([])

    await fresh.psql('DELETE FROM shop.order_items WHERE line = 1', 'shop')
    const again = await follow('row-missing', fresh, {
      blocks: ['shell', 'target', 'choose', 'fetch-by-hand', 'verify-by-hand'],
    })
    expect(again.exitCode).toBe(1)
    expect(again.said).toMatch(/< \["shop","order_items",\d+\]\n---\n> \["shop","order_items",\d+\]/)
    expect(again.said).not.toContain('Every table has')
  })

  it('restores by hand without superuser rights, and names what it may not', async () => {
    await using fresh = await startPostgres()
    const login = { user: 'managed', password: 'managed-s3cret' }
    await fresh.psql(`CREATE ROLE managed LOGIN CREATEDB PASSWORD '${login.password}'`)
    const { exitCode, said } = await follow(
      'managed',
      fresh,
      {
        blocks: [
          ...['shell', 'target', 'choose', 'fetch-by-hand', 'new-by-hand', 'new-by-hand-managed'],
          ...['new-by-hand-end', 'verify-by-hand'],
        ],
        mayFail: ['new-by-hand-managed'],
      },
      { login },
    )
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toMatch(/pg_restore: warning: errors ignored on restore: \d+/)
    expect(said).toContain('Every table has the rows that were recorded.')
    const rows = (facts: readonly Fact[]): readonly Fact[] => facts.filter(({ kind }) => kind === 'rows')
    expect(compareDigests(rows(before), rows(await digest(fresh)))).toEqual([])
  })

  it('tests the recovery key', async () => {
    const { exitCode, said } = await follow('test-key', production, {
      blocks: ['shell', 'choose', 'test-key'],
    })
    expect({ exitCode, said: exitCode === 0 ? '' : said }).toEqual({ exitCode: 0, said: '' })
    expect(said).toContain(keys.recipient)
    expect(said).toMatch(/CREATE ROLE/)
  })

  it('makes a key', async () => {
    const place = join(folder, 'make-key')
    await mkdir(place)
    const { exitCode, said } = await followRunbook({ folder: place, blocks: ['make-key'], files: {} })
    expect(exitCode).toBe(0)
    expect(said).toMatch(/^age1[a-z0-9]{58}$/m)
  })
})
