import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { parseConnection, type Connection } from '../../../src/postgres/connection.ts'
import { fingerprintTable } from '../../../src/postgres/fingerprint.ts'
import { libpqAccess } from '../../../src/postgres/libpq.ts'
import { restoreEnvironment } from '../../../src/postgres/restore-environment.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { listTables, measureTables } from '../../../src/postgres/tables.ts'
import { connectionForDump } from '../../../src/postgres/value-settings.ts'
import { listen } from '../../support/listen.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { runProgram } from '../../support/run-program.ts'

const never = new AbortController().signal

/** Everything that a database may set and that has to do with how a value, a name or an expression is written. */
const ODD: Readonly<Record<string, string>> = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'America/St_Johns',
  array_nulls: 'off',
  backslash_quote: 'off',
  bytea_output: 'escape',
  default_text_search_config: 'german',
  extra_float_digits: '-15',
  lc_monetary: 'C.UTF-8',
  quote_all_identifiers: 'on',
  standard_conforming_strings: 'off',
  transform_null_equals: 'on',
  xmlbinary: 'hex',
  xmloption: 'document',
  row_security: 'off',
  check_function_bodies: 'on',
  search_path: 'pg_catalog',
}

const VALUES = `
  CREATE DOMAIN price AS money;
  CREATE TYPE mood AS ENUM ('so so', 'glad');
  CREATE TYPE pair AS (a interval, b text[]);
  CREATE TABLE t AS SELECT
    '-1 days +02:03:04'::interval AS i, '-1 year -2 mons +3 days -04:05:06.7'::interval AS j, 'P1Y2M'::interval AS k,
    timestamptz '1883-11-18 12:03:58-04:56:02' AS z, timestamp '2026-03-04 05:06' AS s, date '0001-02-03 BC' AS d,
    timetz '04:05:06+01:02:03' AS tz, 0.1::float8 + 0.2 AS f, 1e-40::float4 AS g, (-12.34)::numeric::money AS m,
    (-0.01)::numeric::money::price AS p, ARRAY[1.5::numeric::money, NULL] AS ms, '\\x005c27ff'::bytea AS b,
    '{NULL,"NULL",x}'::text[] AS n, '{{1,NULL},{NULL,2}}'::int[] AS nn, 'a b'::xml AS x, 'it''s \\ $1'::text AS q,
    ROW('-1 day', ARRAY[NULL, 'NULL'])::pair AS pr, 'so so'::mood AS e, '[2026-01-02,)'::daterange AS r,
    to_tsvector('simple', 'the houses') AS v, '{"a": [null, 1.0]}'::jsonb AS js, 'pg_class'::regclass AS rc;
  ALTER TABLE t ADD COLUMN dm money DEFAULT 1234.5::numeric::money, ADD COLUMN di interval DEFAULT '-1 days +01:00',
    ADD CHECK (m < '$1,000.00'::money), ADD CHECK (n = NULL::text[] OR n IS NOT NULL)`

function setting(database: string, settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(
      ([key, value]) =>
        `ALTER DATABASE ${database} SET ${key} = ${key === 'DateStyle' ? value : `'${value}'`};`,
    )
    .join('\n')
}

describe('what a value means', () => {
  let server: PostgresServer
  let folder: string

  beforeAll(async () => {
    server = await startPostgres()
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-values-'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const database = async (
    name: string,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Connection> => {
    await server.psql(`CREATE DATABASE ${name} TEMPLATE template0`)
    await server.psql(setting(name, settings))
    return parseConnection(server.url(name)).connection
  }
  const forDump = async (connection: Connection): Promise<Connection> => {
    await using session = await openSession(connection, never)
    return await connectionForDump(connection, session, never)
  }
  const run = (program: string, args: string[], env: Readonly<Record<string, string>>): Promise<string> =>
    runProgram(join(server.binDir, program), args, { env: childEnvironment(env) })
  const digest = async (connection: Connection): Promise<unknown> => {
    await using session = await openSession(connection, never)
    const [table] = await measureTables(session, await listTables(session))
    if (!table) throw new Error('no table')
    const { rows, digest: sum } = await fingerprintTable(session, table, { depth: 'digest', hashed: 'rows' })
    const copied = await fingerprintTable(session, table, { depth: 'digest', hashed: 'copy' })
    return { rows, sum, copied: copied.digest }
  }

  it('does not depend on what the source and the target of a restore have set', async () => {
    const source = await database('source')
    await server.psql(VALUES, 'source')
    const before = await digest(source)
    await server.psql(setting('source', ODD))
    const target = await database('target', ODD)
    const archive = join(folder, 'source.dump')
    await using access = await libpqAccess(await forDump(source), folder)
    await run('pg_dump', ['-Fc', '-f', archive], access.environment)
    await using restoring = await restoreEnvironment(target, folder)
    await run('pg_restore', ['--exit-on-error', '-d', 'target', archive], restoring.variables)
    expect(await digest(target)).toEqual(before)
  })

  it('is pinned for pg_dump where the database says otherwise, and only there', async () => {
    const plain = await database('plain', { lc_monetary: 'C' })
    expect(await forDump(plain)).toBe(plain)
    const odd = await database('odd', { lc_monetary: 'C.UTF-8' })
    await using access = await libpqAccess(await forDump(odd), folder)
    expect(await run('psql', ['-XAtc', 'SHOW lc_monetary'], access.environment)).toBe('C\n')
    const { connection } = parseConnection(`${server.url('odd')}?options=-c%20lc_monetary%3DC.UTF-8`)
    await using given = await libpqAccess(await forDump(connection), folder)
    expect(await run('psql', ['-XAtc', 'SHOW lc_monetary'], given.environment)).toBe('C\n')
  })

  it('is told, where a pooler refuses to pin it and there is money', async () => {
    await using pooler = await poolerWithoutOptions(server.port)
    const direct = await database('pooled', { lc_monetary: 'C.UTF-8' })
    const pooled = { ...direct, port: pooler.port, tls: { ...direct.tls, mode: 'disable' as const } }
    expect(await forDump(pooled)).toBe(pooled)
    await server.psql('CREATE DOMAIN price AS money', 'pooled')
    await expect(forDump(pooled)).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringMatching(/takes no settings .* as C.UTF-8 wants/),
      hint: expect.stringContaining(`ALTER ROLE "postgres" SET lc_monetary = 'C'`),
    })
  })
})

/** Stands before a server as PgBouncer does: it refuses settings that come with a connection. */
async function poolerWithoutOptions(port: number): Promise<AsyncDisposable & { readonly port: number }> {
  const refusal = Buffer.from('SFATAL\0C08P01\0Munsupported startup parameter: options\0\0')
  const length = Buffer.alloc(5)
  length.write('E')
  length.writeUInt32BE(refusal.length + 4, 1)
  const clients = new Set<Socket>()
  const pooler = createServer((client) => {
    clients.add(client)
    client.on('error', () => undefined)
    client.once('data', (startup: Buffer) => {
      if (startup.includes('\0options\0')) return void client.end(Buffer.concat([length, refusal]))
      const server = connect(port, '127.0.0.1')
      server.on('error', () => client.destroy())
      client.on('close', () => server.destroy())
      server.write(startup)
      client.pipe(server).pipe(client)
    })
  })
  return {
    port: await listen(pooler),
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy()
      await new Promise((closed) => pooler.close(closed))
    },
  }
}
