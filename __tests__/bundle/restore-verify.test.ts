import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillShop } from '../../demo/shop.ts'
import { startAction, type ActionResult, type RunningAction } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { dumpOf, emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'

describe('restore-verify', () => {
  let server: PostgresServer
  let keys: KeyPair
  let folder: string
  let store: StoredBackups
  let shop: StoredBackup

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-verify-'))
    keys = await keyPair()
    server = await startPostgres()
    store = new StoredBackups(await emptyStore(folder), keys)
    await fillShop(server, 'shop', { scale: 0.1 })
    shop = await store.backUp(server.url('shop'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** A backup of a changed copy of the shop, under the shop's own fingerprint. */
  const doctored = async (sql: string): Promise<StoredBackup> => {
    await server.psql('DROP DATABASE IF EXISTS doctored; CREATE DATABASE doctored TEMPLATE shop')
    await server.psql(sql, 'doctored')
    return store.graft(shop, await store.backUp(server.url('doctored')))
  }
  const expectNothingLeft = async ({ log, leftFiles }: ActionResult): Promise<void> => {
    expect(leftFiles).toEqual([])
    const place = /runs in (\S+) as/.exec(log)?.[1]
    if (place === undefined) return
    expect(existsSync(place)).toBe(false)
    expect(await commandLinesWith(place)).toEqual([])
  }
  const expectCaught = async (backup: StoredBackup, rung: string, reason: RegExp): Promise<ActionResult> => {
    const result = await store.verify(backup)
    expect(result.log).toMatch(reason)
    expect(result.outputs).toMatchObject({ verified: 'false', 'failed-check': rung })
    expect(result.exitCode).toBe(1)
    expect(result.log.match(/^::error/gm)).toHaveLength(1)
    expect(result.log).not.toMatch(/This is a defect/)
    expect(await store.records(backup)).toEqual(['failed'])
    await expectNothingLeft(result)
    return result
  }

  it('verifies a shop with everything that real databases hold, and records it', async () => {
    const result = await store.verify(shop, { extras: 'negative-control, amcheck' })
    expect(result.log).toMatch(/is VERIFIED/)
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { verified: 'true', verdict: 'ok', 'backup-id': shop.id, 'failed-check': '', orphans: '1' },
    })
    expect(result.outputs['rows']).toBe(String(shop.manifest.contents.rows))
    expect(result.summary).toMatch(/Equal to the snapshot \| passed/)
    expect(result.summary).toMatch(/Negative control \| passed/)
    expect(result.summary).toMatch(/Indexes &#40;amcheck&#41; \| passed/)
    expect(await store.records(shop)).toEqual(['ok'])
    const record = (await readdir(shop.folder)).find((file) => file.endsWith('-ok.json')) ?? ''
    // Plain: nothing of what the database's tables are called.
    expect(await readFile(join(shop.folder, record), 'utf8')).not.toMatch(/reviews|products|orders/)
    await expectNothingLeft(result)
  })

  it('catches a flipped byte before anything reads the object', async () => {
    const backup = await store.copy(shop)
    await store.damageDump(backup, flip)
    await expectCaught(backup, 'stored', /has the SHA-256/)
  })

  it.each([10, 50, 99])('catches an object that was cut at %i %%', async (percent) => {
    const backup = await store.copy(shop)
    await store.damageDump(backup, (bytes) => bytes.subarray(0, Math.floor((bytes.length * percent) / 100)))
    await expectCaught(backup, 'stored', /bytes; the manifest recorded/)
  })

  it.each([
    ['a flipped byte', flip],
    ['an end that is missing', (bytes: Buffer) => bytes.subarray(0, -100)],
  ])('catches %s that the manifest knows nothing of', async (_, change) => {
    const backup = await store.copy(shop)
    await store.damageDump(backup, change, { sealed: true })
    await expectCaught(backup, 'unpacked', /age file is damaged/)
  })

  it('catches the manifest of another backup', async () => {
    const [backup, other] = [await store.copy(shop), await store.copy(shop)]
    await copyFile(join(other.folder, 'manifest.json'), join(backup.folder, 'manifest.json'))
    await expectCaught(backup, 'manifest', /manifest of another backup/)
  })

  it('catches a manifest that cannot be read, and names the backup before', async () => {
    const [older, backup] = [await store.copy(shop), await store.copy(shop)]
    const manifest = await readFile(join(backup.folder, 'manifest.json'))
    await writeFile(join(backup.folder, 'manifest.json'), manifest.subarray(0, manifest.length / 2))
    const { log } = await expectCaught(backup, 'manifest', /manifest\.json is not JSON/)
    expect(log).toMatch(new RegExp(`The one before is ${older.id}: verify it with backup-id: ${older.id}`))
  })

  it('says nothing about a backup of a format that is not known yet', async () => {
    const backup = await store.copy(shop)
    await writeFile(join(backup.folder, 'manifest.json'), JSON.stringify({ ...backup.manifest, format: 2 }))
    const result = await store.verify(backup)
    expect(result).toMatchObject({ exitCode: 1, outputs: { verified: 'false', 'failed-check': 'manifest' } })
    expect(result.log).toMatch(
      /has format 2; this version knows 1.*Use the version of Lifeboat that wrote it/s,
    )
    expect(await store.records(backup)).toEqual([])
  })

  it('catches an object that is missing', async () => {
    const backup = await store.copy(shop)
    await rm(join(backup.folder, dumpOf(backup).file))
    await expectCaught(backup, 'stored', /There is no .*shop\.dump/)
  })

  it('is red with the wrong identity, and says nothing about the backup', async () => {
    const backup = await store.copy(shop)
    const { identity } = await keyPair()
    const result = await store.verify(backup, {}, { identity })
    expect(result).toMatchObject({ exitCode: 1, outputs: { verified: 'false', 'failed-check': 'opened' } })
    expect(result.log).toMatch(/does not open/)
    expect(await store.records(backup)).toEqual([])
    await expectNothingLeft(result)
  })

  it.each([
    [
      'a table that was emptied',
      `TRUNCATE shop.shipments`,
      /table shop\.shipments: expected \d+ rows, found 0 rows/,
    ],
    [
      'one row that was changed',
      `UPDATE shop.customers SET name = name || '.' WHERE id = (SELECT min(id) FROM shop.customers)`,
      /table shop\.customers: expected digest/,
    ],
    ['an index that was dropped', `DROP INDEX shop.orders_open`, /class index in schema shop/],
    [
      'a sequence that was set back',
      `SELECT setval('billing.invoice_number', 10001)`,
      /sequence billing\.invoice_number/,
    ],
    ['a policy that was dropped', `DROP POLICY adults ON shop.customers`, /class policy/],
    [
      'a large object that was changed',
      `SELECT lo_put((SELECT content FROM shop.documents WHERE id = 1), 0, 'No')`,
      /large objects/,
    ],
  ])('catches %s', async (_, sql, reason) => {
    await expectCaught(await doctored(sql), 'equal', reason)
  })

  it('catches a well-formed dump of another database', async () => {
    await server.psql('CREATE DATABASE other')
    await server.psql('CREATE TABLE stranger AS SELECT 1 AS a', 'other')
    const other = await store.backUp(server.url('other'))
    await expectCaught(
      await store.graft(shop, other),
      'equal',
      /table public\.stranger: expected no such table/,
    )
  })

  it('catches an archive that does not restore without errors', async () => {
    const orphan = await doctored(
      `SET session_replication_role = replica; DELETE FROM shop.suppliers WHERE id = 1`,
    )
    await expectCaught(orphan, 'restored', /violates foreign key constraint/)
  })

  it('is green without an identity, proves what it can, and says how to add one', async () => {
    const backup = await store.copy(shop)
    const result = await store.verify(backup, {}, { identity: '' })
    expect(result).toMatchObject({ exitCode: 0, outputs: { verified: 'false', verdict: 'partial' } })
    expect(result.summary).toMatch(/^## NOT VERIFIED/)
    expect(result.summary).toMatch(/age-keygen -o drill\.txt/)
    expect(await store.records(backup)).toEqual(['partial'])
  })

  it('names the line of an expectation that does not hold, and keeps the record ok', async () => {
    const backup = await store.copy(shop)
    const path = join(folder, 'expectations.yml')
    await writeFile(
      path,
      [
        'tables: [shop.orders]',
        'queries:',
        '  - name: customers',
        '    query: SELECT count(*) FROM shop.customers',
        '    min: 1',
        '  - name: too many',
        '    query: SELECT count(*) FROM products',
        '    max: 0',
        'references:',
        '  - from: shop.reviews.product_id',
        '    to: shop.products.id',
        '',
      ].join('\n'),
    )
    const result = await store.verify(backup, { expectations: path, targets: 'rto=1ms' })
    expect(result.log).toMatch(/line 6: too many: expected at most 0, found \d+/)
    expect(result.log).toMatch(/shop\.reviews\.product_id .*at most 0 orphans, found 1 orphans/)
    expect(result.log).toMatch(/time: FAILED/)
    // The declared reference is a NOT VALID key too: its orphan is counted once.
    expect(result).toMatchObject({
      exitCode: 1,
      outputs: { verified: 'true', 'failed-check': 'references', orphans: '1' },
    })
    expect(await store.records(backup)).toEqual(['ok'])
  })

  it('says on which line an expectations file is wrong', async () => {
    const path = join(folder, 'wrong.yml')
    await writeFile(path, 'queries:\n  - query: SELECT 1\n    min: 1\n  - query: SELECT 2\n    mim: 1\n')
    const result = await store.verify(shop, { expectations: path })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/line 5: queries\.1\.mim/)
  })

  it('calls a database of another encoding what it is: undamaged', async () => {
    await server.psql(
      `CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0 LOCALE_PROVIDER libc`,
    )
    await server.psql(`CREATE TABLE t AS SELECT 'Zürich é' AS a, i FROM generate_series(1, 100) i`, 'latin')
    const backup = await store.backUp(server.url('latin'))
    const result = await store.verify(backup)
    expect(result.log).toMatch(/is VERIFIED/)
  })

  it('verifies in a server that is given, and leaves nothing there', async () => {
    await using target = await startPostgres()
    const result = await store.verify(shop, { 'target-database-url': target.url() })
    expect(result.log).toMatch(/is VERIFIED/)
    const left = `SELECT datname FROM pg_database WHERE datname !~ '^(postgres|template.)$' UNION
                  SELECT rolname FROM pg_roles WHERE oid >= 16384`
    expect(await target.psql(left)).toBe('')
  })

  it('refuses the source itself as a target', async () => {
    const result = await store.verify(shop, { 'target-database-url': server.url() })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/leads to the server that the backup was made of/)
  })

  it('gives a hostile dump neither secrets nor files, programs, libraries or a network', async () => {
    let connections = 0
    const listener = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const address = listener.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const loot = await mkdtemp(join(tmpdir(), 'lifeboat-loot-'))
    await chmod(loot, 0o777)
    const stolen = join(loot, 'stolen')
    try {
      await server.psql('CREATE DATABASE hostile')
      await server.psql(hostile(stolen, port), 'hostile')
      // As a superuser, where it was made, it does all that.
      expect(await server.psql('SELECT trick FROM worked ORDER BY 1', 'hostile')).toBe(
        'environ\nload\nnetwork\nprogram',
      )
      expect(connections).toBeGreaterThan(0)
      connections = 0
      await server.psql('TRUNCATE worked', 'hostile')
      const backup = await store.backUp(server.url('hostile'))
      await rm(stolen, { force: true })
      const result = await store.verify(backup)
      expect(result.log).toMatch(/equal: passed/)
      // Whatever works leaves a row, and the fingerprint of the table that is empty would differ.
      expect(result.log).toMatch(/is VERIFIED/)
      expect(existsSync(stolen)).toBe(false)
      expect(connections).toBe(0)
    } finally {
      await new Promise((resolve) => listener.close(resolve))
      await rm(loot, { recursive: true, force: true })
    }
  })

  describe('a database with what only a superuser may make', () => {
    let guarded: StoredBackup
    beforeAll(async () => {
      await server.psql('CREATE DATABASE guarded')
      await server.psql(GUARDED, 'guarded')
      guarded = await store.backUp(server.url('guarded'))
    })

    it('is NOT MEASURED there, compared in all else, and runs no library', async () => {
      const result = await store.verify(guarded)
      expect(result).toMatchObject({
        exitCode: 0,
        outputs: { verified: 'false', verdict: 'partial', 'failed-check': '', tables: '2', rows: '101' },
      })
      expect(result.log).toMatch(
        /restored: NOT MEASURED .*Only a superuser could restore 3 others.* 4 more need those/,
      )
      expect(result.log).toMatch(
        /function public\.near\(.*: expected restored, found permission denied for language c/,
      )
      expect(result.log).toMatch(/operator class public\.backwards.*must be superuser/)
      for (const dependent of ['view public.neighbours', 'index public.t_near', 'server elsewhere'])
        expect(result.log).toMatch(new RegExp(`${dependent}: expected restored, with what it needs`))
      expect(result.log).toMatch(/equal: NOT MEASURED .*2 tables with 101 rows equal the snapshot/)
      expect(await store.records(guarded)).toEqual(['partial'])
      await expectNothingLeft(result)
    })

    it('is still caught where what could be restored is not what was dumped', async () => {
      await server.psql('DELETE FROM t WHERE i = 1', 'guarded')
      const changed = await store.graft(guarded, await store.backUp(server.url('guarded')))
      await expectCaught(changed, 'equal', /table public\.t: expected 100 rows, found 99 rows/)
    })
  })

  describe('when it is ended in the middle of the restore', () => {
    let slow: StoredBackup
    beforeAll(async () => {
      await server.psql('CREATE DATABASE slow')
      await server.psql(
        `CREATE FUNCTION public.drag(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
         BEGIN IF current_database() <> 'slow' THEN PERFORM pg_sleep(120); END IF; RETURN a; END $$;
         CREATE TABLE t AS SELECT 1 AS a; CREATE INDEX ON t (public.drag(a))`,
        'slow',
      )
      slow = await store.backUp(server.url('slow'))
    })
    const inTheMiddle = async (): Promise<RunningAction> => {
      const action = await startAction(store.step(slow))
      await action.logged(/Restoring \d+ entries/)
      return action
    }

    it.each(['SIGINT', 'SIGTERM'] as const)(
      'removes server and files within seconds of %s',
      async (signal) => {
        await using action = await inTheMiddle()
        const since = performance.now()
        action.kill(signal)
        const result = await action.finished()
        // The runner kills after 10 s.
        expect(performance.now() - since).toBeLessThan(10_000)
        expect(result.exitCode).toBe(1)
        expect(result.log).toMatch(/was cancelled/)
        expect(await store.records(slow)).toEqual([])
        await expectNothingLeft(result)
      },
    )

    it('leaves them to the post step after SIGKILL', async () => {
      await using action = await inTheMiddle()
      action.kill('SIGKILL')
      const killed = await action.finished()
      const post = await action.post()
      expect(post.exitCode).toBe(0)
      await expectNothingLeft({ ...killed, leftFiles: post.leftFiles })
    })
  })
})

function flip(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = Math.floor(copy.length / 2)
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

/** Functions behind the expression of an index, which a restore computes. Each trick that works leaves a row. */
function hostile(file: string, port: number): string {
  const trick = (name: string, statement: string): string =>
    `BEGIN ${statement}; INSERT INTO public.worked VALUES ('${name}'); EXCEPTION WHEN OTHERS THEN NULL; END;`
  return `
    CREATE EXTENSION dblink;
    CREATE TABLE public.worked (trick text);
    CREATE FUNCTION public.try_all() RETURNS void LANGUAGE plpgsql AS $f$
    BEGIN
      ${trick('environ', `PERFORM pg_catalog.pg_read_binary_file('/proc/self/environ')`)}
      ${trick('program', `EXECUTE $$COPY (SELECT 1) TO PROGRAM 'cat > ${file}'$$`)}
      ${trick('load', `EXECUTE $$LOAD 'auto_explain'$$`)}
      BEGIN PERFORM public.dblink_connect('x', 'host=127.0.0.1 port=${port} user=a password=b dbname=c connect_timeout=2');
      EXCEPTION WHEN sqlclient_unable_to_establish_sqlconnection THEN
        IF SQLERRM ~ 'closed|terminated' OR current_database() = 'hostile' THEN INSERT INTO public.worked VALUES ('network'); END IF;
      WHEN OTHERS THEN NULL; END;
    END $f$;
    CREATE FUNCTION public.innocent(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
      $f$ BEGIN PERFORM public.try_all(); RETURN a; END $f$;
    CREATE TABLE public.trap AS SELECT 1 AS a;
    CREATE INDEX ON public.trap (public.innocent(a));`
}

/** A C function outside an extension, an operator class, a wrapper, and what needs them; beside them two tables. */
const GUARDED = `
  CREATE FUNCTION public.near(text, text) RETURNS float4 LANGUAGE c IMMUTABLE STRICT AS '$libdir/pg_trgm', 'similarity';
  CREATE OPERATOR CLASS public.backwards FOR TYPE int4 USING btree AS OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =,
    OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(int4, int4);
  CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER elsewhere FOREIGN DATA WRAPPER nowhere;
  CREATE TABLE public.t AS SELECT i, 'n' || i AS name FROM generate_series(1, 100) i;
  CREATE INDEX t_near ON public.t (public.near(name, 'n1'));
  CREATE VIEW public.neighbours AS SELECT i FROM public.t WHERE public.near(name, 'n1') > 0.5;
  -- Needs the function, and nobody said so.
  CREATE FUNCTION public.nearly(text) RETURNS float4 LANGUAGE plpgsql IMMUTABLE AS
    $f$ BEGIN RETURN public.near($1, 'n2'); END $f$;
  CREATE INDEX t_nearly ON public.t (public.nearly(name));
  -- A row comes in where the library was loaded.
  CREATE TABLE public.worked AS SELECT 'at first' AS trick;
  CREATE FUNCTION public.look(a text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $f$
    BEGIN
      IF current_setting('pg_trgm.similarity_threshold', true) IS NOT NULL AND current_database() <> 'guarded' THEN
        INSERT INTO public.worked VALUES ('library');
      END IF;
      RETURN a;
    END $f$;
  CREATE INDEX t_zlook ON public.t (public.look(name));`

/** Command lines of living processes that name `text`. */
async function commandLinesWith(text: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(text))
}
