import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { access, chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseConnection } from '../../src/postgres/connection.ts'
import { openSession, type Session } from '../../src/postgres/session.ts'
import { startAction, type RunningAction } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'

describe('somebody who waits for the locks of a backup', () => {
  let server: PostgresServer
  let keys: KeyPair
  let folder: string
  let application: Session

  beforeAll(async () => {
    keys = await keyPair()
    server = await startPostgres()
    application = await openSession(parseConnection(server.url()).connection, new AbortController().signal)
  })
  afterAll(async () => {
    await application[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-waits-'))
    await server.psql(`
      DROP SCHEMA public CASCADE; CREATE SCHEMA public;
      CREATE TABLE orders AS SELECT i FROM generate_series(1, 1000) i; CREATE SEQUENCE numbers`)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const backUp = (inputs: Record<string, string> = {}): Promise<RunningAction> =>
    startAction({
      inputs: {
        command: 'backup',
        bucket: pathToFileURL(join(folder, 'bucket')).href,
        'database-url': server.url(),
        'age-recipients': keys.recipient,
        compression: 'zstd:1',
        ...inputs,
      },
    })

  /** A pg_dump that says when it is called, and begins when it may. */
  const heldDump = async (): Promise<{ bin: string; called: string; may: string }> => {
    const [bin, called, may] = [folder, join(folder, 'called'), join(folder, 'may')]
    for (const program of ['pg_restore', 'psql', 'pg_dumpall'])
      await symlink(join(server.binDir, program), join(bin, program))
    const wait = `case "$*" in *--snapshot*) : > '${called}'; while [ ! -e '${may}' ]; do sleep 0.1; done ;; esac`
    await writeFile(join(bin, 'pg_dump'), `#!/bin/sh\n${wait}\nexec '${server.binDir}/pg_dump' "$@"\n`)
    await chmod(join(bin, 'pg_dump'), 0o755)
    return { bin, called, may }
  }
  const there = async (path: string): Promise<void> => {
    for (;;) {
      try {
        await access(path)
        return
      } catch {
        await server.psql('SELECT 1')
      }
    }
  }
  const waiting = async (who: string): Promise<void> => {
    const asked = `SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND ${who}`
    while ((await server.psql(asked)) === '0') continue
  }

  it('lets a TRUNCATE that stands between it and its pg_dump go first, and starts over', async () => {
    const { bin, called, may } = await heldDump()
    await using running = await backUp({ 'pg-bin-dir': bin })
    await there(called)
    const truncated = application.query('TRUNCATE public.orders')
    await waiting(`a.pid = ${application.pid}`)
    await writeFile(may, '')
    await truncated
    expect(await server.psql('SELECT count(*) FROM orders')).toBe('0')
    const result = await running.finished()
    expect(result.log).toContain(
      `starting over (attempt 1 of 12): postgres (process ${application.pid}, lifeboat) waits for the backup, which waits behind it: TRUNCATE public.orders`,
    )
    expect(result.exitCode).toBe(0)
  })

  it('lets somebody go first who holds a sequence and waits for a table', async () => {
    await application.query('BEGIN')
    await application.query('ALTER SEQUENCE public.numbers RENAME TO other_numbers')
    await using running = await backUp()
    await waiting(`a.application_name LIKE 'lifeboat-%'`)
    await application.query('TRUNCATE public.orders')
    await application.query('COMMIT')
    const result = await running.finished()
    expect(result.log).toContain('starting over')
    expect(result.exitCode).toBe(0)
  })

  it('names in log and summary who waits only for it, and gives way to him after the time that was asked for', async () => {
    const { bin, called, may } = await heldDump()
    await using running = await backUp({ 'pg-bin-dir': bin, limits: 'yield=2s' })
    await there(called)
    await application.query('TRUNCATE public.orders')
    await writeFile(may, '')
    const result = await running.finished()
    const name = `postgres (process ${application.pid}, lifeboat)`
    expect(result.log).toContain(`${name} waits for a lock of the backup: TRUNCATE public.orders`)
    expect(result.log).toMatch(/waited \d+ s for the backup \(limits: yield\): TRUNCATE public\.orders/)
    expect(result.summary).toMatch(/Who waited for this backup[\s\S]*waited \d+ s for the backup/)
    expect(result.exitCode).toBe(0)
  })
})
