import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from 'pg'
import { fillShop } from '../../demo/shop.ts'
import { runAction, startAction, type ActionOptions, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { compareDatabases } from '../support/database-digest.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { runProgram } from '../support/run-program.ts'

describe('command: restore', () => {
  let folder: string
  let bucket: string
  let keys: KeyPair
  let source: PostgresServer
  let server: PostgresServer
  let shopId: string

  const backUp = async (database: string, inputs: Record<string, string> = {}): Promise<ActionResult> => {
    const result = await runAction({
      inputs: { command: 'backup', bucket, compression: 'zstd:1', ...inputs },
      env: { DATABASE_URL: source.url(database), AGE_RECIPIENT: keys.recipient },
    })
    expect(result.exitCode).toBe(0)
    return result
  }
  const step = (url: string, inputs: Record<string, string> = {}): ActionOptions => ({
    inputs: {
      command: 'restore',
      bucket,
      'target-database-url': url,
      confirm: decodeURIComponent(new URL(url).pathname.slice(1)),
      ...inputs,
    },
    env: { AGE_IDENTITY: keys.identity },
  })
  const restore = (url: string, inputs: Record<string, string> = {}): Promise<ActionResult> =>
    runAction(step(url, inputs))

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-restore-'))
    bucket = pathToFileURL(join(folder, 'bucket')).href
    keys = await keyPair()
    ;[source, server] = await Promise.all([startPostgres(), startPostgres()])
    await fillShop(source, 'shop', { scale: 0.1 })
    shopId = (await backUp('shop')).outputs['backup-id'] ?? ''
  })
  afterAll(async () => {
    await source[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('brings everything back into an empty database of another server', async () => {
    await server.psql('CREATE DATABASE shop TEMPLATE template0')
    const result = await restore(server.url('shop'), { name: 'shop' })
    expect(result.log).not.toMatch(/^::error::/m)
    expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
    expect(result.outputs).toMatchObject({
      'backup-id': shopId,
      'restored-database': 'shop',
      'not-restored': '0',
    })
    expect(result.log).toMatch(/equal to what the snapshot held/)
    expect(result.log).toMatch(/no password yet: .*shop_app/)
    const { binDir } = source
    expect(
      await compareDatabases({ url: source.url('shop'), binDir }, { url: server.url('shop'), binDir }),
    ).toEqual([])
    expect(
      await server.psql('SELECT reltuples > 0 FROM pg_class WHERE oid = $$shop.orders$$::regclass', 'shop'),
    ).toBe('t')
  })

  it('refuses a database that is not empty, and one that was not confirmed', async () => {
    const before = await server.psql('SELECT count(*) FROM shop.orders', 'shop')
    const full = await restore(server.url('shop'))
    expect(full).toMatchObject({ exitCode: 1, leftFiles: [] })
    expect(full.log).toMatch(/"shop" is not empty: .*clean: true/s)
    const other = await restore(server.url('shop'), { confirm: 'crm', clean: 'true' })
    expect(other.log).toMatch(/confirm: is "crm", and target-database-url leads to "shop"/)
    const none = await restore(server.url('shop'), { confirm: '' })
    expect(none.log).toMatch(/confirm: is missing/)
    expect(await server.psql('SELECT count(*) FROM shop.orders', 'shop')).toBe(before)
  })

  it('leaves the data in place where rows break a key, adds the key NOT VALID, and is red', async () => {
    await source.psql('CREATE DATABASE orphans')
    await source.psql(
      `CREATE TABLE a (id int PRIMARY KEY);
       CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a, n int);
       INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1, 1), (2, NULL, 2);
       CREATE UNIQUE INDEX b_n ON b (n);
       SET session_replication_role = replica;
       UPDATE b SET a_id = 7 WHERE id = 2;`,
      'orphans',
    )
    await backUp('orphans')
    await server.psql('CREATE DATABASE orphans TEMPLATE template0')
    const result = await restore(server.url('orphans'), { name: 'orphans' })
    expect(result).toMatchObject({ exitCode: 1, leftFiles: [] })
    expect(result.log).toMatch(
      /The data is in "orphans", but: 1 key, added NOT VALID, did not hold for the rows/,
    )
    expect(result.log).toMatch(/fk constraint public\.b b_a_id_fkey/)
    expect(result.summary).toMatch(/NOT VALID/)
    expect(await server.psql('SELECT count(*) FROM b', 'orphans')).toBe('2')
    const keys = 'SELECT convalidated FROM pg_constraint WHERE conname = $$b_a_id_fkey$$'
    expect(await server.psql(keys, 'orphans')).toBe('f')
    await expect(server.psql('INSERT INTO b VALUES (3, 9, 3)', 'orphans')).rejects.toThrow(/foreign key/)
    await expect(server.psql('INSERT INTO b VALUES (3, 1, 1)', 'orphans')).rejects.toThrow(/b_n/)
  })

  it('restores chosen tables with what belongs to them beside what is there', async () => {
    await server.psql('CREATE DATABASE part TEMPLATE template0')
    await server.psql('CREATE TABLE mine AS SELECT 1 AS i', 'part')
    const result = await restore(server.url('part'), { name: 'shop', only: 'shop.customers, shop.orders' })
    expect(result.log).not.toMatch(/^::error::/m)
    expect(result.exitCode).toBe(0)
    const count = 'SELECT count(*) FROM shop.orders'
    expect(await server.psql(count, 'part')).toBe(await source.psql(count, 'shop'))
    expect(await server.psql('SELECT i FROM mine', 'part')).toBe('1')
    const parts = `SELECT string_agg(what, ', ' ORDER BY what) FROM (
      SELECT 'index ' || c.relname AS what FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid IN ('shop.orders'::regclass, 'shop.customers'::regclass)
      UNION ALL SELECT 'default ' || adnum FROM pg_attrdef
        WHERE adrelid IN ('shop.orders'::regclass, 'shop.customers'::regclass)
      UNION ALL SELECT 'sequence ' || c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
        WHERE deptype IN ('a', 'i') AND relkind = 'S'
        AND refobjid IN ('shop.orders'::regclass, 'shop.customers'::regclass)
      UNION ALL SELECT 'partitions ' || count(*) FROM pg_inherits WHERE inhparent = 'shop.orders'::regclass
      UNION ALL SELECT 'key ' || conname FROM pg_constraint WHERE conrelid = 'shop.orders'::regclass
        AND (confrelid = 0 OR confrelid IN ('shop.customers'::regclass, 'shop.orders'::regclass))) AS all_parts`
    expect(await server.psql(parts, 'part')).toBe(await source.psql(parts, 'shop'))
    const again = await restore(server.url('part'), { name: 'shop', only: 'shop.orders' })
    expect(again.log).toMatch(/there already: shop\.orders/)
    const nothing = await restore(server.url('part'), { name: 'shop', only: 'shop.nosuch' })
    expect(nothing.log).toMatch(/nothing in the backup is called shop\.nosuch/)
  })

  it('changes nothing of what is there when only a part is restored', async () => {
    await source.psql('CREATE DATABASE beside')
    await source.psql(
      `CREATE SEQUENCE gid; CREATE TYPE st AS ENUM ('new'); CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int);
       CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
       CREATE TABLE invoices (id bigint PRIMARY KEY DEFAULT nextval('gid'), n int);
       CREATE TABLE orders (id bigint PRIMARY KEY DEFAULT nextval('gid'), s st DEFAULT 'new', d int DEFAULT twice(1), CHECK (d === d));
       CREATE TABLE lines (id serial PRIMARY KEY, n int UNIQUE);
       INSERT INTO orders SELECT FROM generate_series(1, 50); INSERT INTO invoices (n) SELECT generate_series(1, 50);
       INSERT INTO lines (n) SELECT generate_series(1, 50)`,
      'beside',
    )
    await backUp('beside')
    await source.psql(
      `INSERT INTO invoices (n) SELECT generate_series(1, 1000); DROP TABLE orders; ALTER TABLE lines RENAME TO lines_bad;
       CREATE ROLE keeper; ALTER TYPE st OWNER TO keeper; ALTER SEQUENCE gid OWNER TO keeper; ALTER OPERATOR ===(int, int) OWNER TO keeper;
       ALTER FUNCTION twice(int) OWNER TO keeper; ALTER TYPE st ADD VALUE 'old'`,
      'beside',
    )
    const there = `SELECT md5(string_agg(o, ',' ORDER BY o)) FROM (
      SELECT 'class ' || pg_class::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '^orders'
      UNION ALL SELECT 'type ' || pg_type::text FROM pg_type WHERE typname = 'st'
      UNION ALL SELECT 'function ' || pg_proc::text FROM pg_proc WHERE proname = 'twice'
      UNION ALL SELECT 'operator ' || pg_operator::text FROM pg_operator WHERE oprname = '==='
      UNION ALL SELECT 'value ' || last_value FROM gid UNION ALL SELECT 'value ' || last_value FROM lines_id_seq
      UNION ALL SELECT 'row ' || invoices::text FROM invoices UNION ALL SELECT 'row ' || lines_bad::text FROM lines_bad
    ) AS t (o)`
    await source.psql('VACUUM ANALYZE', 'beside')
    const before = await source.psql(there, 'beside')
    const refused = await restore(source.url('beside'), { name: 'beside', only: 'lines, orders' })
    expect(refused.exitCode).toBe(1)
    expect(refused.log).toMatch(
      /index public\.lines_n_key, index public\.lines_pkey, sequence public\.lines_id_seq \(of public\.lines_bad\)\. Nothing was touched/,
    )
    expect(refused.log).not.toMatch(/may hold a part of the backup/)
    expect(await source.psql(there, 'beside')).toBe(before)
    expect(await source.psql('SELECT to_regclass($$orders$$) IS NULL', 'beside')).toBe('t')

    const result = await restore(source.url('beside'), { name: 'beside', only: 'orders' })
    expect(result.log).not.toMatch(/^::error::/m)
    expect(result.exitCode).toBe(0)
    for (const kept of [
      'sequence public.gid',
      'type public.st',
      'function public.twice(integer)',
      'operator public.===',
    ]) {
      expect(result.log).toContain(`Left out: ${kept}: it is there already, and was left as it is.`)
    }
    expect(await source.psql(there, 'beside')).toBe(before)
    expect(await source.psql('INSERT INTO orders DEFAULT VALUES RETURNING id', 'beside')).toMatch(/^1101/)
    expect(await source.psql('SELECT count(*) FROM orders', 'beside')).toBe('51')
    // Nobody else's test is to meet it.
    await source.psql('DROP DATABASE beside')
    await source.psql('DROP ROLE keeper')
  })

  it('restores archives that a shell script made', async () => {
    await source.psql('CREATE DATABASE plain')
    await source.psql(
      `CREATE SCHEMA app; CREATE TABLE app.a (id serial PRIMARY KEY, at timestamptz DEFAULT now());
       CREATE TABLE app.b (id int PRIMARY KEY, a_id int REFERENCES app.a);
       INSERT INTO app.a SELECT FROM generate_series(1, 5000); INSERT INTO app.b SELECT id, id FROM app.a;`,
      'plain',
    )
    const env = { ...process.env, ...source.environment(), PGDATABASE: 'plain' } as Record<string, string>
    const dump = join(folder, 'foreign.dump')
    await runProgram(join(source.binDir, 'pg_dump'), ['-Fc', '-Z0', '-f', dump], { env })
    const place = join(folder, 'bucket', 'db')
    await runProgram('sh', [
      '-ec',
      `cp ${dump} ${place}/app.dump; xz -0 -kc ${dump} > ${place}/app.dump.xz; zstd -q -kc ${dump} > ${place}/app.dump.zst`,
    ])
    await runProgram('sh', [
      '-ec',
      `age -r ${keys.recipient} -o ${place}/app.dump.xz.age ${place}/app.dump.xz`,
    ])
    const bytes = await readFile(join(place, 'app.dump.xz.age'))
    await writeFile(join(place, 'cut.dump.xz.age'), bytes.subarray(0, bytes.length / 2))
    const names = ['app.dump', 'app.dump.xz', 'app.dump.zst', 'app.dump.xz.age']
    for (const [index, name] of names.entries()) {
      await server.psql(`CREATE DATABASE foreign_${index} TEMPLATE template0`)
      const result = await restore(server.url(`foreign_${index}`), { key: `db/${name}` })
      expect([name, result.exitCode, result.outputs['not-restored']]).toEqual([name, 0, '0'])
      expect(result.log).toMatch(/NOT MEASURED/)
      const { binDir } = source
      expect(
        await compareDatabases(
          { url: source.url('plain'), binDir },
          { url: server.url(`foreign_${index}`), binDir },
          { without: ['roles', 'role', 'database', 'membership'] },
        ),
      ).toEqual([])
    }
    await server.psql('CREATE DATABASE cut TEMPLATE template0')
    const cut = await restore(server.url('cut'), { key: 'db/cut.dump.xz.age' })
    expect(cut).toMatchObject({ exitCode: 1, leftFiles: [] })
    expect(cut.log).toMatch(/age file is damaged/)
    expect(await server.psql('SELECT count(*) FROM pg_class WHERE oid >= 16384', 'cut')).toBe('0')
  })

  it('restores nothing of an object that is not what was recorded', async () => {
    const id = (await backUp('shop', { prefix: 'damaged' })).outputs['backup-id'] ?? ''
    const file = join(folder, 'bucket', 'damaged', 'shop', id, 'shop.dump.zst.age')
    const bytes = await readFile(file)
    const middle = bytes.length >> 1
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
    await rm(file)
    await writeFile(file, bytes)
    await server.psql('CREATE DATABASE untouched TEMPLATE template0')
    const result = await restore(server.url('untouched'), { prefix: 'damaged' })
    expect(result).toMatchObject({ exitCode: 1, leftFiles: [] })
    expect(result.log).toMatch(/SHA-256/)
    expect(await server.psql('SELECT count(*) FROM pg_class WHERE oid >= 16384', 'untouched')).toBe('0')
  })

  it('names what else there is where the newest manifest cannot be read, and goes past it on request', async () => {
    await source.psql('CREATE DATABASE torn')
    await source.psql('CREATE TABLE a AS SELECT i FROM generate_series(1, 10) i', 'torn')
    const backUpId = async (): Promise<string> =>
      (await backUp('torn', { prefix: 'torn/' })).outputs['backup-id'] ?? ''
    const [older = '', newest = ''] = [await backUpId(), await backUpId()].sort()
    const manifest = join(folder, 'bucket', 'torn', 'torn', newest, 'manifest.json')
    await writeFile(manifest, (await readFile(manifest)).subarray(0, 100))
    await server.psql('CREATE DATABASE torn TEMPLATE template0')
    const result = await restore(server.url('torn'), { prefix: 'torn/' })
    expect(result).toMatchObject({ exitCode: 1, leftFiles: [] })
    expect(result.log).toMatch(new RegExp(`torn/torn/${newest}/manifest\\.json is not JSON`))
    expect(result.log).toMatch(new RegExp(`backup before it is ${older}, .*backup-id: ${older} restores it`))
    expect(await server.psql('SELECT count(*) FROM pg_class WHERE oid >= 16384', 'torn')).toBe('0')
    const key = / key: (\S+) restores it without its manifest/.exec(result.log)?.[1] ?? ''
    expect(await restore(server.url('torn'), { key })).toMatchObject({ exitCode: 0 })
    expect(await server.psql('SELECT count(*) FROM a', 'torn')).toBe('10')
  })

  it('puts a backup in the place of a database that is in use, which keeps its rows under another name', async () => {
    await server.psql('DELETE FROM shop.order_items; CREATE TABLE public.late AS SELECT 1 AS i', 'shop')
    const user = new Client({ connectionString: server.url('shop') })
    const ended = new Promise<string>((resolve) => user.on('error', (error) => resolve(error.message)))
    await user.connect()
    const result = await restore(server.url('shop'), { name: 'shop', clean: 'true' })
    expect(result.log).not.toMatch(/^::error::/m)
    expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
    expect(await ended).toMatch(/terminat/)
    const { binDir } = source
    expect(
      await compareDatabases({ url: source.url('shop'), binDir }, { url: server.url('shop'), binDir }),
    ).toEqual([])
    const previous = /The old database is now "(shop_before_\w+)"/.exec(result.log)?.[1] ?? ''
    expect(await server.psql('SELECT i FROM public.late', previous)).toBe('1')
    expect(await server.psql("SELECT count(*) FROM pg_database WHERE datname LIKE 'shop_restored%'")).toBe(
      '0',
    )
  })

  it('removes the unfinished copy of a run that is cancelled, and leaves the database as it was', async () => {
    await source.psql('CREATE DATABASE slow')
    await source.psql(
      `CREATE FUNCTION drag(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
       BEGIN IF current_database() <> 'slow' THEN PERFORM pg_sleep(120); END IF; RETURN a; END $$;
       CREATE TABLE t AS SELECT 1 AS a; CREATE INDEX ON t (public.drag(a))`,
      'slow',
    )
    await backUp('slow')
    await server.psql('CREATE DATABASE busy')
    await server.psql('CREATE TABLE here AS SELECT 1 AS i', 'busy')
    await using action = await startAction(step(server.url('busy'), { name: 'slow', clean: 'true' }))
    await action.logged(/Restoring tables, rows and indexes/)
    const result = await action.cancel()
    expect(result).toMatchObject({ exitCode: 1, leftFiles: [] })
    expect(result.log).toMatch(/The run was cancelled/)
    expect(await server.psql("SELECT count(*) FROM pg_database WHERE datname LIKE 'busy_%'")).toBe('0')
    expect(await server.psql('SELECT i FROM here', 'busy')).toBe('1')
  })

  it('does not put what is broken in the place of a database that is in use', async () => {
    await server.psql(
      `CREATE DATABASE keep; CREATE ROLE helper LOGIN CREATEDB PASSWORD 'helper-s3cret'`.replace(';', ';\n'),
    )
    await server.psql('ALTER DATABASE keep OWNER TO postgres')
    const url = server.url('keep', { user: 'helper', password: 'helper-s3cret' })
    const result = await restore(url, { name: 'orphans', clean: 'true' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/"keep" was not replaced: the database belongs to postgres/)
    expect(result.log).toMatch(/ALTER DATABASE "keep" RENAME TO "keep_before_/)
    const copy = result.outputs['restored-database'] ?? ''
    expect(await server.psql('SELECT count(*) FROM b', copy)).toBe('2')
    expect((await readdir(folder)).length).toBeGreaterThan(0)
  })

  it('works for a role that is no superuser, and says what belongs to it now', async () => {
    await server.psql(`CREATE ROLE app LOGIN PASSWORD 'app-restore-s3cret'`)
    await server.psql('CREATE DATABASE managed OWNER app TEMPLATE template0')
    await server.psql('ALTER SCHEMA public OWNER TO app', 'managed')
    const url = server.url('managed', { user: 'app', password: 'app-restore-s3cret' })
    const result = await restore(url, { name: 'shop' })
    expect(result).toMatchObject({ exitCode: 1, outputs: { 'not-restored': '4' } })
    expect(result.log).toMatch(/4 things could not be restored.*extension postgres_fdw: permission denied/)
    const rows = 'SELECT count(*) FROM shop.orders'
    expect(await server.psql(rows, 'managed')).toBe(await source.psql(rows, 'shop'))
    expect(result.log).toMatch(/objects belong to app now/)
    expect(result.log).toMatch(/Left out: comment EXTENSION/)
    expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('app-restore-s3cret')
  })
})
