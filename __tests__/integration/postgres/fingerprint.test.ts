import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseConnection } from '../../../src/postgres/connection.ts'
import type { TableContents } from '../../../src/postgres/contents.ts'
import { fingerprintLargeObjects, fingerprintTable } from '../../../src/postgres/fingerprint.ts'
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
    return fingerprintTable(session, table, depth)
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
    expect((await fingerprintTable(odd, found, 'digest')).digest).toBe(plain.digest)
    await server.psql('ALTER DATABASE postgres RESET ALL; ALTER ROLE postgres RESET ALL')
  })

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
