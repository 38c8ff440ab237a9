import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseConnection } from '../../../src/postgres/connection.ts'
import type { TableContents } from '../../../src/postgres/contents.ts'
import {
  fingerprintLargeObjects,
  fingerprintTable,
  fingerprintTables,
} from '../../../src/postgres/fingerprint.ts'
import { assertDamageShows } from '../../../src/postgres/hidden-damage.ts'
import { openSession, type Session } from '../../../src/postgres/session.ts'
import { listTables, measureTables } from '../../../src/postgres/tables.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'

describe('the fingerprint', () => {
  let server: PostgresServer
  let session: Session

  beforeAll(async () => {
    server = await startPostgres()
    session = await openSession(parseConnection(server.url()).connection, new AbortController().signal)
  })
  afterAll(async () => {
    await session[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  /** Makes a table by `sql`, which calls it `t`, and gives its fingerprint. */
  const fingerprintOf = async (
    sql: string,
    depth: 'digest' | 'counts' | 'none' = 'digest',
  ): Promise<TableContents> => {
    await server.psql(`DROP TABLE IF EXISTS t, parent CASCADE; ${sql}`)
    const table = (await measureTables(session, await listTables(session))).find(({ name }) => name === 't')
    if (!table) throw new Error('no table t')
    return fingerprintTable(session, table, { depth, hashed: 'rows' })
  }

  it('does not depend on the order of rows', async () => {
    const one = await fingerprintOf(`CREATE TABLE t AS SELECT i FROM generate_series(1, 100) i`)
    const other = await fingerprintOf(`CREATE TABLE t AS SELECT i FROM generate_series(100, 1, -1) i`)
    expect(one).toMatchObject({ rows: 100, digest: expect.stringMatching(/^-?\d+$/) })
    expect(other.digest).toBe(one.digest)
  })

  it('does not depend on the order of columns, which inheritance changes', async () => {
    const one = await fingerprintOf(`CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x')`)
    const other = await fingerprintOf(`CREATE TABLE t (b text, a int); INSERT INTO t VALUES ('x', 1)`)
    expect(other.digest).toBe(one.digest)
  })

  it.each([
    ['a value', `UPDATE t SET n = 3 WHERE id = 2`],
    ['a NULL that became empty', `UPDATE t SET s = '' WHERE id = 1`],
    ['a row fewer', `DELETE FROM t WHERE id = 3`],
    ['a row twice', `INSERT INTO t VALUES (3, 'c', 30)`],
    ['two values that changed places', `UPDATE t SET n = 50 - n WHERE id IN (2, 3)`],
  ])('changes with %s', async (_, change) => {
    const table = `CREATE TABLE t (id int, s text, n int); INSERT INTO t VALUES (1, NULL, 10), (2, 'b', 20), (3, 'c', 30);`
    const before = await fingerprintOf(table)
    expect((await fingerprintOf(`${table} ${change}`)).digest).not.toBe(before.digest)
  })

  it('hashes every column where one is called like the alias of the table', async () => {
    const table = (other: number): string =>
      `CREATE TABLE t (t text, other int); INSERT INTO t VALUES ('same', ${other})`
    expect((await fingerprintOf(table(1))).digest).not.toBe((await fingerprintOf(table(2))).digest)
  })

  it('counts rows of a parent without those of its children', async () => {
    const parent = await fingerprintOf(
      `CREATE TABLE t (a int); CREATE TABLE child () INHERITS (t); INSERT INTO t VALUES (1); INSERT INTO child VALUES (2)`,
    )
    expect(parent.rows).toBe(1)
  })

  it('leaves out generated columns, which a restore computes anew', async () => {
    const { columns } = await fingerprintOf(
      `CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED)`,
    )
    expect(columns).toEqual(['a'])
  })

  it('counts rows of a table without columns', async () => {
    expect(await fingerprintOf(`CREATE TABLE t (); INSERT INTO t DEFAULT VALUES`)).toMatchObject({ rows: 1 })
  })

  it('is the same whatever the role and the database have set', async () => {
    const table = `CREATE TABLE t AS SELECT now() - now() AS i, timestamptz '2026-11-22 02:15Z' AS z, 0.1::float8 AS f,
      12.5::money AS m, '\\x00ff'::bytea AS b, 'pg_class'::regclass AS c`
    const plain = await fingerprintOf(table)
    await server.psql(`ALTER DATABASE postgres SET timezone = 'Asia/Tokyo'; ALTER DATABASE postgres SET datestyle = 'German';
      ALTER DATABASE postgres SET intervalstyle = 'iso_8601'; ALTER DATABASE postgres SET bytea_output = 'escape';
      ALTER DATABASE postgres SET extra_float_digits = 0; ALTER DATABASE postgres SET search_path = 'pg_catalog';
      ALTER DATABASE postgres SET statement_timeout = '1h'; ALTER ROLE postgres SET quote_all_identifiers = on`)
    await using odd = await openSession(
      parseConnection(server.url()).connection,
      new AbortController().signal,
    )
    expect(await odd.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '0' }])
    const found = (await measureTables(odd, await listTables(odd))).find(({ name }) => name === 't')
    if (!found) throw new Error('no table t')
    expect((await fingerprintTable(odd, found, { depth: 'digest', hashed: 'rows' })).digest).toBe(
      plain.digest,
    )
    await server.psql('ALTER DATABASE postgres RESET ALL; ALTER ROLE postgres RESET ALL')
  })

  describe('of tables that no query can read', () => {
    const FUNCTIONS = `
      DROP SCHEMA IF EXISTS own CASCADE; CREATE SCHEMA own; SET search_path = public, own;
      CREATE FUNCTION own.inner_one(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
      CREATE FUNCTION own.outer_one(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT inner_one($1)';`
    const ROWS = `INSERT INTO t VALUES (1, 'a'), (2, E'b\\t\\n\\\\'), (3, NULL);`
    const table = (what: string): string =>
      `${FUNCTIONS} CREATE TABLE t (a int, b text); ${ROWS} ${what}; SET search_path = public`
    const read = async (
      by: Session,
      sql: string,
      depth: 'digest' | 'counts' = 'digest',
    ): Promise<TableContents | undefined> => {
      await server.psql(`DROP TABLE IF EXISTS t, parent CASCADE; DROP TABLE IF EXISTS next; ${sql};
        CREATE TABLE next AS SELECT 1 AS a`)
      const tables = await measureTables(by, await listTables(by))
      await by.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      const found = await fingerprintTables(by, tables, depth)
      await by.query('COMMIT')
      // An error of one leaves nothing behind for the others.
      expect(found.find(({ name }) => name === 'next')).toMatchObject({ rows: 1 })
      expect(found.find(({ name }) => name === 'next')).not.toHaveProperty('hashed')
      return found.find(({ name }) => name === 't')
    }

    it.each([
      ['an index', 'CREATE INDEX ON t (own.outer_one(a))'],
      ['the condition of an index', 'CREATE INDEX ON t (a) WHERE own.outer_one(a) > 0'],
      ['extended statistics', 'CREATE STATISTICS s ON (own.outer_one(a)), (a + 1) FROM t'],
    ])('takes the table as COPY writes it: an SQL function in %s', async (_, what) => {
      const plain = await read(session, table(''))
      expect(plain).not.toHaveProperty('hashed')
      const found = await read(session, table(what))
      await expect(session.query('SELECT count(*) FROM public.t')).rejects.toThrow(/inner_one/)
      expect(found).toMatchObject({ rows: 3, digest: expect.stringMatching(/^\d+$/), hashed: 'copy' })
      const changed = await read(session, table(`${what}; UPDATE t SET b = 'x' WHERE a = 2`))
      expect(changed?.digest).not.toBe(found?.digest)
      const otherOrder = await read(session, table(`${what}; UPDATE t SET b = b WHERE a = 1`))
      expect(otherOrder?.digest).toBe(found?.digest)
      expect(await read(session, table(what), 'counts')).toMatchObject({ rows: 3, digest: null })
    })

    it('runs no code of an owner who is no superuser when a query is planned', async () => {
      const body = `LANGUAGE plpgsql IMMUTABLE AS
        $$ BEGIN PERFORM set_config('trap.who', current_user, false); RETURN 1; END $$`
      const trap = `
        DROP ROLE IF EXISTS shopkeeper; CREATE ROLE shopkeeper; DROP SCHEMA IF EXISTS own CASCADE; CREATE SCHEMA own;
        CREATE FUNCTION own.trap() RETURNS int ${body};
        CREATE FUNCTION own.trapped(int, int) RETURNS int ${body};
        CREATE OPERATOR own.@@@ (FUNCTION = own.trapped, LEFTARG = int, RIGHTARG = int)`
      const given = `ALTER FUNCTION own.trap() OWNER TO shopkeeper; ALTER FUNCTION own.trapped(int, int) OWNER TO shopkeeper`
      for (const index of ['(a + own.trap())', '(a + (1 OPERATOR(own.@@@) 2))']) {
        await using fresh = await openSession(
          parseConnection(server.url()).connection,
          new AbortController().signal,
        )
        const found = await read(
          fresh,
          `${trap}; CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX ON t (${index}); ${given}`,
        )
        expect(found).toMatchObject({ rows: 1, hashed: 'copy' })
        const asked = `SELECT current_setting('trap.who', true) AS who`
        expect(await fresh.query(asked)).toEqual([{ who: null }])
        // What it was kept from:
        await fresh.query('SELECT count(*) FROM public.t')
        expect(await fresh.query(asked)).toEqual([{ who: 'postgres' }])
        await server.psql('DROP TABLE t; DROP SCHEMA own CASCADE; DROP ROLE shopkeeper')
      }
    })

    it('copies a table without columns, and one with names that need quotes', async () => {
      await server.psql(`DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (); INSERT INTO t DEFAULT VALUES`)
      const [bare] = (await measureTables(session, await listTables(session))).filter(
        ({ name }) => name === 't',
      )
      await server.psql(`CREATE TABLE "T ""x""" ("a "" b" int, c int GENERATED ALWAYS AS (1) STORED);
        INSERT INTO "T ""x""" VALUES (1)`)
      const named = (await listTables(session)).find(({ name }) => name === 'T "x"')
      for (const found of [bare, named && { ...named, bytes: 0 }]) {
        if (!found) throw new Error('no table')
        expect(await fingerprintTable(session, found, { depth: 'digest', hashed: 'copy' })).toMatchObject({
          rows: 1,
          hashed: 'copy',
        })
      }
      await server.psql('DROP TABLE "T ""x"""')
    })
  })

  it.each(['zero_damaged_pages', 'ignore_checksum_failure'])(
    'is not taken where damage is hidden: %s',
    async (name) => {
      const look = async (): Promise<void> => {
        await using fresh = await openSession(
          parseConnection(server.url()).connection,
          new AbortController().signal,
        )
        await assertDamageShows(fresh)
      }
      await server.psql(`ALTER DATABASE postgres SET ${name} = on`)
      await expect(look()).rejects.toMatchObject({
        message: `The server hides damage from whoever reads: ${name} is on (set by: database).`,
        hint: expect.stringContaining(`RESET ${name}`),
      })
      await server.psql(`ALTER DATABASE postgres RESET ${name}`)
      await look()
    },
  )

  it('counts without a digest, or not even that, where it is asked to', async () => {
    const table = `CREATE TABLE t AS SELECT 1 AS a`
    expect(await fingerprintOf(table, 'counts')).toMatchObject({ rows: 1, digest: null })
    expect(await fingerprintOf(table, 'none')).toMatchObject({ rows: null, digest: null })
  })

  it('sees every byte of every large object, beyond the first chunk', async () => {
    await server.psql(`SELECT lo_from_bytea(4711, decode(repeat('ab', 2500000), 'hex'))`)
    const before = await fingerprintLargeObjects(session, 'digest')
    expect(before).toMatchObject({ objects: 1, bytes: 2_500_000 })
    await server.psql(`SELECT lo_put(4711, 2499999, '\\x00')`)
    const after = await fingerprintLargeObjects(session, 'digest')
    expect(after.digest).not.toBe(before.digest)
    await server.psql(`SELECT lo_unlink(4711)`)
    expect(await fingerprintLargeObjects(session, 'digest')).toEqual({ objects: 0, bytes: 0, digest: '0' })
  })
})
