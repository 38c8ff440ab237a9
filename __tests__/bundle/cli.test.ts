import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mkdir } from 'node:fs/promises'
import { Client } from 'pg'
import { runAction } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { listing } from '../support/catalog-listing.ts'
import { runCli, startCli } from '../support/cli-run.ts'
import { node24 } from '../support/node24.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { runProgram } from '../support/run-program.ts'

describe('The bundle on a laptop', () => {
  let folder: string
  let bucket: string
  let server: PostgresServer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-cli-'))
    bucket = pathToFileURL(join(folder, 'bucket')).href
    server = await startPostgres()
    await server.psql('CREATE DATABASE shop')
    await server.psql('CREATE TABLE orders AS SELECT i FROM generate_series(1, 1000) i', 'shop')
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('backs up with flags, and lists what there is to restore', async () => {
    const { recipient } = await keyPair()
    const flags = ['--bucket', bucket, '--age-recipients', recipient, '--compression=zstd:1']
    const backup = await runCli(['backup', ...flags], { DATABASE_URL: server.url('shop') })
    expect(backup).toMatchObject({ exitCode: 0, err: '' })
    expect(backup.out).not.toMatch(/^\s*::/m)
    const id = /backup-id: (\S+)/.exec(backup.out)?.[1] ?? 'none'
    const report = join(folder, 'backups.json')
    const list = await runCli(['list', '--bucket', bucket, '--report', report])
    expect(list).toMatchObject({ exitCode: 0, err: '' })
    expect(list.out).toMatch(new RegExp(`shop: 1 backup\\n.*Verified\\n  ${id}  .* UTC .* KiB .*never`))
    expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject([
      { name: 'shop', 'backup-id': id, verification: 'none', 'verified-at': null },
    ])
  })

  it('restores with the key in a file and the target in the environment', async () => {
    const { identity, recipient } = await keyPair()
    const key = join(folder, 'key.txt')
    await writeFile(key, `# created: today\n${identity}\n`, { mode: 0o600 })
    const place = ['--bucket', bucket, '--prefix', 'restored']
    const made = ['--age-recipients', recipient, '--compression=xz:0']
    await runCli(['backup', ...place, ...made], { DATABASE_URL: server.url('shop') })
    await server.psql('CREATE DATABASE again TEMPLATE template0')
    const flags = [...place, '--confirm', 'again', '--age-identities-file', key]
    const env = { TARGET_DATABASE_URL: server.url('again') }
    const result = await runCli(['restore', ...flags], env)
    expect(result).toMatchObject({ exitCode: 0, err: '' })
    expect(result.out).toMatch(/1 tables, 1000 rows: equal to what the snapshot held/)
    expect(result.out).not.toMatch(/AGE-SECRET-KEY|^\s*::/m)
    expect(await server.psql('SELECT count(*) FROM orders', 'again')).toBe('1000')
    expect(await runCli(['restore', ...flags], env)).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/"again" is not empty/),
    })
  })

  it('is help, and wrong usage, without arguments: no secret of the environment is printed', async () => {
    const env = { DATABASE_URL: server.url('shop'), R2_SECRET_ACCESS_KEY: 'hunter2hunter2' }
    for (const surrounding of [{}, { INPUT_COMMAND: 'list' }, { STATE_begun: 'true' }]) {
      const result = await runCli([], { ...env, ...surrounding })
      expect(result).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining('Usage: node') })
      expect(result.err).not.toMatch(/hunter2|::|pw-/)
    }
  })

  it('takes a secret from a file', async () => {
    const file = join(folder, 'url')
    await writeFile(file, `${server.url('shop')}\n`, { mode: 0o600 })
    const flags = [
      '--bucket',
      bucket,
      '--age-recipients',
      'none',
      '--compression',
      'none',
      '--prefix',
      'file',
    ]
    expect(await runCli(['backup', ...flags, '--database-url-file', file])).toMatchObject({ exitCode: 0 })
    expect(await runCli(['backup', ...flags, '--database-url-file', `${file}x`])).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/database-url-file.*cannot be read/),
    })
  })

  it('refuses a secret as a flag without repeating it', async () => {
    const result = await runCli(['backup', '--database-url', 'postgresql://u:hunter22@h/d'])
    expect(result).toMatchObject({ exitCode: 2, out: '' })
    expect(result.err).toMatch(/--database-url is a secret.*\n.*DATABASE_URL/)
    expect(result.err).not.toContain('hunter22')
  })

  it('ends with 1 where it failed, 2 where it was called wrongly, and 130 where it was interrupted', async () => {
    const flags = ['--bucket', bucket, '--age-recipients', 'none', '--compression', 'none']
    const gone = await runCli(['backup', ...flags], { DATABASE_URL: 'postgresql://u@127.0.0.1:1/d' })
    expect(gone).toMatchObject({ exitCode: 1, err: expect.stringMatching(/^error: Cannot connect/m) })
    expect(await runCli(['backup', '--bucket', bucket])).toMatchObject({ exitCode: 2 })
    expect(await runCli(['bakcup'])).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/bakcup.*backup/),
    })

    // A lock that it waits for: so it is interrupted in the middle.
    const holder = new Client({ connectionString: server.url('shop') })
    await holder.connect()
    await holder.query('BEGIN; LOCK TABLE orders')
    const running = startCli(['backup', ...flags], { DATABASE_URL: server.url('shop') })
    const waiting = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lifeboat' AND wait_event_type = 'Lock'`
    while ((await server.psql(waiting)) === '0') continue
    running.interrupt()
    expect(await running.finished()).toMatchObject({ exitCode: 130, err: expect.stringMatching(/cancelled/) })
    await holder.end()
  })

  it('explains itself', async () => {
    const all = await runCli(['--help'])
    expect(all).toMatchObject({ exitCode: 0, err: '' })
    expect(all.out).toMatch(/Exit codes: 0 done/)
    expect((await runCli(['list', '--help'])).out).toMatch(/--bucket <value>/)
    expect((await runCli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('says nothing of a reader that has seen enough', async () => {
    const line = '"$0" "$@" --help | true; echo "${PIPESTATUS[0]}"'
    const words = [node24(), resolve(import.meta.dirname, '../../dist/index.js'), 'restore-verify']
    const ends = await runProgram('bash', ['-c', `exec 2>&1; for i in 1 2 3; do ${line}; done`, ...words])
    expect(ends).toBe('0\n0\n0\n')
  })
})

describe('command: list', () => {
  it('tells of each name what can be restored and how it was verified, newest first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-list-'))
    try {
      const at = (day: number): Date => new Date(Date.UTC(2026, 9, day, 2))
      const objects = listing('db/', [
        { name: 'shop', time: at(1), verdicts: ['ok'] },
        { name: 'shop', time: at(2), verdicts: ['ok', 'failed'] },
        { name: 'shop', time: at(3), committed: false },
        { name: 'a/../b', time: at(2), verdicts: ['partial'] },
        { name: 'going', time: at(1) },
        { name: 'going', time: at(2), removing: true },
      ])
      for (const { key } of objects) {
        await mkdir(join(folder, dirname(key)), { recursive: true })
        await writeFile(join(folder, key), 'x'.repeat(100))
      }
      const inputs = { command: 'list', bucket: pathToFileURL(folder).href }
      const result = await runAction({ inputs })
      expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
      const backups = JSON.parse(result.outputs['backups'] ?? '') as Record<string, unknown>[]
      expect(backups.map(({ name, verification }) => [name, verification])).toEqual([
        ['a/../b', 'partial'],
        ['going', 'none'],
        ['shop', 'failed'],
        ['shop', 'ok'],
      ])
      expect(backups[3]).toMatchObject({
        'snapshot-time': '2026-10-01T02:00:00.000Z',
        'verified-at': '2026-10-01T03:00:00.000Z',
        bytes: 400,
      })
      expect(result.log).toMatch(/shop: 2 backups, 1 attempt without a manifest/)
      // What `restore` would refuse is not called restorable.
      expect(result.log).toMatch(/going: 1 backup, 1 that prune has begun to remove/)
      expect(result.summary).toMatch(/FAILED, 2026-10-02 04:00:00 UTC/)
      const one = await runAction({ inputs: { ...inputs, name: 'shop' } })
      expect(one.log).not.toMatch(/a\/\.\.\/b/)
      const none = await runAction({ inputs: { ...inputs, prefix: 'other' } })
      expect(none).toMatchObject({ exitCode: 0, outputs: { backups: '[]' } })
      expect(none.summary).toMatch(/no backup under other/)
      expect(none.log).toMatch(/::warning::There is no backup under other/)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
