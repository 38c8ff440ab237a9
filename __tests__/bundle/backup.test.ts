import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'

describe('command: backup', () => {
  let server: PostgresServer
  let keys: KeyPair
  let bucket: string

  beforeAll(async () => {
    keys = await keyPair()
    server = await startPostgres()
    bucket = await mkdtemp(join(tmpdir(), 'lifeboat-bucket-'))
    for (const name of ['shop', 'a/../b', 'blog']) {
      await server.psql(`CREATE DATABASE "${name}"`)
      await server.psql('CREATE TABLE orders AS SELECT i FROM generate_series(1, 1000) i', name)
    }
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(bucket, { recursive: true, force: true })
  })

  const backUp = (inputs: Record<string, string> = {}): Promise<ActionResult> =>
    runAction({
      inputs: {
        command: 'backup',
        bucket: pathToFileURL(bucket).href,
        'database-url': server.url('shop'),
        'age-recipients': keys.recipient,
        compression: 'zstd:1',
        ...inputs,
      },
    })
  const files = async (): Promise<string[]> =>
    (await readdir(bucket, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(bucket.length + 1))

  it('names everything that is wrong at once, before anything is touched', async () => {
    const result = await backUp({
      'database-url': 'mysql://u:a-secret-password@h/d',
      'age-recipients': 'age1short',
      prefix: '../up',
      compression: 'gzip',
      'max-shrink': 'warn=200%',
      bukcet: 'x',
    })
    expect(result.exitCode).toBe(1)
    for (const name of ['database-url', 'age-recipients', 'prefix', 'compression', 'max-shrink', 'bukcet']) {
      expect(result.log).toContain(name)
    }
    expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('a-secret-password')
    expect(await files()).toEqual([])
  })

  it('writes artifacts for two recipients, and a manifest that says so', async () => {
    const second = await keyPair()
    const result = await backUp({
      'age-recipients': `${keys.recipient}, ${second.recipient}`,
      targets: 'recipients=2',
      prefix: 'two',
    })
    expect(result.exitCode).toBe(0)
    const manifest = JSON.parse(
      await readFile(join(bucket, result.outputs['manifest-key'] ?? ''), 'utf8'),
    ) as {
      artifacts: { recipients: string[] }[]
    }
    for (const { recipients } of manifest.artifacts)
      expect(recipients).toEqual([keys.recipient, second.recipient])
  })

  it('writes plain artifacts only where it is told so in as many words', async () => {
    const result = await backUp({ 'age-recipients': 'none', compression: 'none', prefix: 'plain' })
    expect(result.exitCode).toBe(0)
    const dump = await readFile(join(bucket, result.outputs['key'] ?? ''))
    expect(dump.subarray(0, 5).toString()).toBe('PGDMP')
    expect(result.outputs['key']).toMatch(/shop\.dump$/)
    expect((await backUp({ 'age-recipients': '' })).log).toMatch(/age-recipients/)
  })

  it('backs up every database that the role can connect to, each by itself', async () => {
    const result = await backUp({ databases: '*', prefix: 'all' })
    expect(result.exitCode).toBe(0)
    const backups = JSON.parse(result.outputs['backups'] ?? '') as { name: string; key: string }[]
    expect(backups.map(({ name }) => name)).toEqual(['a/../b', 'blog', 'postgres', 'shop'])
    expect(backups[0]?.key).toMatch(/^all\/a%2F\.\.%2Fb\/.*\/a%2F\.\.%2Fb\.dump\.zst\.age$/)
  })

  it('goes on with the others when one database fails, and is red', async () => {
    const result = await backUp({ databases: 'blog, missing, shop', prefix: 'some' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/1 of 3 databases were not backed up: "missing"/)
    const backups = JSON.parse(result.outputs['backups'] ?? '') as { name: string }[]
    expect(backups.map(({ name }) => name)).toEqual(['blog', 'shop'])
    expect(result.summary).toContain('missing')
  })

  it('warns when a table lost rows, and commits no manifest when it lost more than is allowed', async () => {
    const prefix = 'shrink'
    expect((await backUp({ prefix })).log).toMatch(/first backup of "shop"/)
    await server.psql('DELETE FROM orders WHERE i > 400', 'shop')
    const warned = await backUp({ prefix, 'max-shrink': 'warn=50% fail=90%' })
    expect(warned.exitCode).toBe(0)
    expect(warned.log).toMatch(/::warning::.*400 rows, 60 %25 fewer/)
    await server.psql('DELETE FROM orders WHERE i > 4', 'shop')
    for (const attempt of [1, 2]) {
      const refused = await backUp({ prefix, 'max-shrink': 'warn=50% fail=90%' })
      expect([attempt, refused.exitCode]).toEqual([attempt, 1])
      expect(refused.log).toMatch(/lost more than max-shrink allows/)
    }
    expect(
      (await files()).filter((file) => file.startsWith('shrink/') && file.endsWith('manifest.json')),
    ).toHaveLength(2)
    expect((await backUp({ prefix, 'max-shrink': 'warn=50%' })).exitCode).toBe(0)
  })

  it('drops what an ORM left in the URL, and measures what looks like a pooler', async () => {
    const result = await backUp({
      'database-url': `${server.url('shop')}?schema=public&connection_limit=5`,
      prefix: 'orm',
    })
    expect(result.exitCode).toBe(0)
    expect(result.log).toMatch(/::notice::.*schema/)
    const direct = await backUp({ 'database-url': `${server.url('shop')}?pgbouncer=true`, prefix: 'sign' })
    expect(direct.log).toMatch(/::notice::.*looks like a pooler/)
    expect(direct.exitCode).toBe(0)
  })

  it('does less, and says so, with counts or none as fingerprint', async () => {
    for (const [fingerprint, rows] of [
      ['counts', '4'],
      ['none', ''],
    ] as const) {
      const result = await backUp({ fingerprint, prefix: fingerprint })
      expect(result.exitCode).toBe(0)
      expect(result.outputs['rows']).toBe(rows)
    }
  })

  it('refuses client programs of another major version, naming both', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-bin-'))
    const result = await backUp({ 'pg-bin-dir': folder })
    await rm(folder, { recursive: true })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/pg-bin-dir.*no pg_dump that runs/)
  })
})
