import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  runAction,
  startAction,
  type ActionOptions,
  type ActionResult,
  type StepUser,
} from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { postgresWithExtension } from '../support/extended-postgres.ts'
import { pathWithout } from '../support/lean-path.ts'
import { looseBundle, type LooseBundle } from '../support/loose-bundle.ts'
import { installedMajors } from '../support/postgres-majors.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { descendantOf } from '../support/process-tree.ts'
import { runProgram } from '../support/run-program.ts'
import { smallDisk } from '../support/small-disk.ts'
import { ordinaryUser, userWithSudo } from '../support/step-users.ts'
import { dumpOf, emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'

describe('Wherever it runs', () => {
  let folder: string
  let keys: KeyPair
  let server: PostgresServer
  let store: StoredBackups
  let shop: StoredBackup
  let bundle: LooseBundle

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-places-'))
    await chmod(folder, 0o755)
    keys = await keyPair()
    ;[server, bundle] = await Promise.all([startPostgres(), looseBundle()])
    store = new StoredBackups(await emptyStore(folder), keys)
    await server.psql('CREATE DATABASE shop')
    await server.psql(SHOP, 'shop')
    shop = await store.backUp(server.url('shop'))
  })
  afterAll(async () => {
    await bundle[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const expectVerified = ({ log, exitCode, outputs, leftFiles }: ActionResult): void => {
    expect(log).toMatch(/is VERIFIED/)
    expect({ exitCode, verdict: outputs['verdict'], leftFiles }).toEqual({
      exitCode: 0,
      verdict: 'ok',
      leftFiles: [],
    })
  }

  describe('as an ordinary user', () => {
    /** Backs up and verifies as `user`, into a bucket of theirs. */
    const nightAs = async (
      user: StepUser,
      env: Readonly<Record<string, string>> = {},
      more: Readonly<Record<string, string>> = {},
    ): Promise<readonly [ActionResult, ActionResult]> => {
      const bucket = await mkdtemp(join(folder, 'bucket-'))
      if (user.owner) await runProgram('chown', [`${user.owner.uid}:${user.owner.gid}`, bucket])
      const as = { ...user, node: bundle.node }
      const secrets = { DATABASE_URL: server.url('shop'), AGE_RECIPIENT: keys.recipient }
      const inputs = { bucket: `file://${bucket}`, compression: 'zstd:1' }
      const step = { as, entry: bundle.entry }
      const backup = await runAction({
        ...step,
        inputs: { command: 'backup', ...inputs },
        env: { ...env, ...secrets },
      })
      const verification = await runAction({
        ...step,
        inputs: { command: 'restore-verify', bucket: inputs.bucket, ...more },
        env: { ...env, AGE_IDENTITY: keys.identity },
      })
      return [backup, verification]
    }

    it('it backs up and verifies, in a server that is in a user namespace', async () => {
      const { env, ...user } = await ordinaryUser()
      const [backup, verification] = await nightAs(user, env)
      expect(backup.exitCode).toBe(0)
      expectVerified(verification)
      expect(verification.log).toMatch(/runs in \S+ as an ordinary user in a namespace of its own, without/)
    })

    it('it refuses where there is no namespace either, and goes on where it is told to, and says so first', async () => {
      const { env, ...user } = await ordinaryUser()
      const lean = await pathWithout('unshare')
      const path = [env['PATH']?.split(':')[0], lean].filter((each) => each !== undefined).join(':')
      const [, refused] = await nightAs(user, { PATH: path })
      expect(refused).toMatchObject({ exitCode: 1, outputs: { verdict: 'none' } })
      expect(refused.log).toMatch(
        /no user of its own to run as.*target-database-url.*isolation: shared-user/s,
      )
      const [, told] = await nightAs(user, { PATH: path }, { isolation: 'shared-user' })
      expectVerified(told)
      expect(told.log).toMatch(/runs in \S+ as this user/)
      expect(told.summary).toMatch(
        /^## Verified.*\n\n- The throwaway server ran as the same user as this step/,
      )
    })

    it('it goes on as root in a container, which may make no namespaces, and says so first', async () => {
      const through = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--']
      const [, verification] = await nightAs({ through, owner: undefined })
      expectVerified(verification)
      expect(verification.log).toMatch(/runs in \S+ as user \d+, which nothing else here has\./)
      expect(verification.summary).toMatch(/^## Verified.*\n\n- The throwaway server could not be cut off/)
      expect(verification.summary).toMatch(/all processes of its user \d+ were ended with it/)
    })

    it('it has another user run the server where sudo lets it', async () => {
      const user = await userWithSudo(await mkdtemp(join(folder, 'rules-')))
      const [backup, verification] = await nightAs(user)
      expect(backup.exitCode).toBe(0)
      expectVerified(verification)
      expect(verification.log).toMatch(/runs in \S+ as user \d{10}, which nothing else here has, without/)
      const place = /runs in (\S+) as/.exec(verification.log)?.[1] ?? ''
      expect(await readdir(join(place, '..'))).not.toContain(place.split('/').at(-1))
    })
  })

  it('verifies the same backup twice at a time', async () => {
    for (const result of await Promise.all([store.verify(shop), store.verify(shop)])) expectVerified(result)
    expect(await store.records(shop)).toEqual(['ok', 'ok'])
  })

  it('unpacks xz in node where the program is not installed', async () => {
    const backup = await store.backUp(server.url('shop'), { compression: 'xz:1' })
    const PATH = await pathWithout('xz')
    await expect(runProgram('sh', ['-c', 'command -v xz'], { env: { PATH } })).rejects.toThrow()
    const step = store.step(backup)
    expectVerified(await runAction({ ...step, env: { ...step.env, PATH } }))
  })

  it('names an extension that the server lacks before it restores, and says nothing about the backup', async () => {
    const newest = (await installedMajors()).at(-1)
    if (!newest) throw new Error('no PostgreSQL is installed')
    const binDir = await postgresWithExtension('rare_birds', newest, await mkdtemp(join(folder, 'extended-')))
    await using extended = await startPostgres({ binDir })
    await extended.psql('CREATE DATABASE aviary')
    await extended.psql('CREATE EXTENSION rare_birds; CREATE TABLE birds AS SELECT rare_birds()', 'aviary')
    const backup = await store.backUp(extended.url('aviary'))
    const result = await store.verify(backup)
    expect(result.log).toMatch(
      /The server lacks extensions that the backup needs: rare_birds 1\.0.*Give the job a service container/s,
    )
    expect(result.log).not.toMatch(/Restoring \d+ entries/)
    expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'none', 'failed-check': 'restored' } })
    expect(await store.records(backup)).toEqual([])
    // Where the server has it, the same backup is whole.
    expectVerified(await store.verify(backup, { 'pg-bin-dir': binDir }))
  })

  describe('on a disk that is small', () => {
    let wide: StoredBackup
    beforeAll(async () => {
      await server.psql('CREATE DATABASE wide')
      await server.psql(WIDE, 'wide')
      wide = await store.backUp(server.url('wide'))
    })
    const on = (disk: string, backup: StoredBackup): ActionOptions => {
      const step = store.step(backup, { limits: 'memory=0B' })
      return { ...step, env: { ...step.env, RUNNER_TEMP: disk } }
    }
    /** What the plan counts with, in bytes. */
    const needs = () => {
      const { artifacts, contents } = wide.manifest
      const { plainBytes } = dumpOf(wide)
      return {
        stored: artifacts.reduce((sum, { bytes }) => sum + bytes, 0),
        plain: plainBytes,
        server: Math.max(contents.databaseBytes, plainBytes * 1.3) + 128 * 2 ** 20,
      }
    }

    it('streams an archive that does not fit', async () => {
      const { stored, plain, server: database } = needs()
      await using disk = await smallDisk(Math.round(stored + database + plain / 2))
      const result = await runAction(on(disk.folder, wide))
      expect(result.log).toMatch(/the archive is streamed/)
      expectVerified(result)
      expect(await readdir(disk.folder)).toEqual([])
    })

    it('fetches twice what does not fit even as it is stored', async () => {
      const { stored, server: database } = needs()
      await using disk = await smallDisk(Math.round(database + stored * 0.75))
      const result = await runAction(on(disk.folder, wide))
      expect(result.log).toMatch(/the archive is fetched twice and streamed/)
      expectVerified(result)
      expect(await readdir(disk.folder)).toEqual([])
    })

    it('says what is missing before it fetches anything', async () => {
      await using disk = await smallDisk(64 * 2 ** 20)
      const result = await runAction(on(disk.folder, wide))
      expect(result).toMatchObject({ exitCode: 1, outputs: { verified: 'false', verdict: 'none' } })
      expect(result.log).toMatch(/the restored database and its server need about/)
      expect(result.log).not.toMatch(/stored:/)
      expect(await readdir(disk.folder)).toEqual([])
    })

    it('is red, records nothing and leaves nothing where the disk becomes full', async () => {
      await server.psql('CREATE DATABASE slowly')
      await server.psql(SLOWLY, 'slowly')
      const backup = await store.backUp(server.url('slowly'))
      await using disk = await smallDisk(400 * 2 ** 20)
      await using action = await startAction(on(disk.folder, backup))
      await action.logged(/Restoring \d+ entries/)
      await descendantOf(action.pid, /pg_restore.*--jobs=/)
      await runProgram('sh', ['-c', 'cat /dev/zero > "$0" 2>/dev/null || true', join(disk.folder, 'filler')])
      const result = await action.finished()
      expect(result.log).toMatch(/no space left on device/i)
      expect(result).toMatchObject({ exitCode: 1, outputs: { verdict: 'none', 'failed-check': 'restored' } })
      expect(result.log).not.toMatch(/This is a defect/)
      expect(await store.records(backup)).toEqual([])
      expect(await readdir(disk.folder)).toEqual(['filler'])
    })
  })

  it('needs nothing but the unpacked bundle to list and restore', async () => {
    expect(await readdir(bundle.folder)).toEqual(['dist', 'node'])
    const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> =>
      runProgram(bundle.node, [bundle.entry, ...args], {
        env: { PATH: process.env['PATH'] ?? '', HOME: '/', ...env },
        cwd: '/',
      })
    expect(await run(['--help'])).toMatch(/restore-verify/)
    const place = ['--bucket', `file://${join(folder, 'store')}`]
    expect(await run(['list', ...place])).toContain(shop.id)
    await server.psql('CREATE DATABASE again TEMPLATE template0')
    const flags = [...place, '--backup-id', shop.id, '--confirm', 'again']
    const secrets = { AGE_IDENTITY: keys.identity, TARGET_DATABASE_URL: server.url('again') }
    expect(await run(['restore', ...flags], secrets)).toMatch(/equal to what the snapshot held/)
    expect(await server.psql('SELECT count(*) FROM orders', 'again')).toBe('1000')
  })
})

const SHOP = `
  CREATE TABLE orders (id serial PRIMARY KEY, note text);
  INSERT INTO orders (note) SELECT 'order ' || i FROM generate_series(1, 1000) i;
  CREATE INDEX orders_note ON orders (note);
  CREATE MATERIALIZED VIEW notes AS SELECT note FROM orders;`

/** 20 MB that no compressor makes smaller, twice as much in a dump. */
const WIDE = `
  CREATE TABLE wide AS SELECT i, (SELECT decode(string_agg(md5(i || '-' || j), ''), 'hex') FROM generate_series(1, 128) j) AS noise
  FROM generate_series(1, 10000) i;
  CREATE INDEX wide_i ON wide (i);`

/** Rows that take their time to come back: some 20 s, and each of them needs the disk. */
const SLOWLY = `
  CREATE FUNCTION public.slow(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN IF current_database() <> 'slowly' THEN PERFORM pg_sleep(0.02); END IF; RETURN i; END $$;
  CREATE TABLE rows (i int, pad text, slow int GENERATED ALWAYS AS (public.slow(i)) STORED);
  ALTER TABLE rows ALTER COLUMN pad SET STORAGE PLAIN;
  INSERT INTO rows (i, pad) SELECT i, repeat('x', 7000) FROM generate_series(1, 1000) i;`
