import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../src/catalog/ports.ts'
import type { DocumentSnapshot, IndexDeclaration } from '../../../src/catalog/reindex.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { postgresDocuments } from '../../../src/postgres/documents.ts'
import { beginSnapshot } from '../../../src/postgres/document-snapshot.ts'
import { openSession, type Session } from '../../../src/postgres/session.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { recordingLog } from '../../support/recording-log.ts'

const never = new AbortController().signal

describe('documents of a PostgreSQL database', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
    await server.psql('CREATE DATABASE "Bücher; drop" TEMPLATE template0', 'postgres')
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    await server.psql(`
      DROP SCHEMA public CASCADE; CREATE SCHEMA public;
      CREATE TABLE orders (id bigint, note text);
      INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 1000) i`)
  })

  const declare = (sql: string, more: Partial<IndexDeclaration> = {}): IndexDeclaration => ({
    uid: 'orders',
    primaryKey: 'id',
    sql,
    settings: { kind: 'inline', settings: {} },
    timeoutMs: 60_000,
    mayBeEmpty: false,
    line: 2,
    ...more,
  })
  const open = (
    declarations: readonly IndexDeclaration[],
    { database = 'postgres', lockWaitMs = 500, attempts = 3, log = recordingLog() } = {},
  ): Promise<DocumentSnapshot> =>
    postgresDocuments({
      connection: parseConnection(server.url(database)).connection,
      limits: { heldMs: 60_000, lockWaitMs, attempts },
    }).open(declarations, { log, clock: systemClock, signal: never })
  const read = async (snapshot: DocumentSnapshot, declaration: IndexDeclaration): Promise<string[]> => {
    const texts: string[] = []
    for await (const documents of snapshot.documents(declaration)) {
      texts.push(...documents.map(({ text }) => text))
    }
    return texts
  }
  const documentOf = async (sql: string): Promise<string> => {
    const declaration = declare(sql)
    await using snapshot = await open([declaration])
    return (await read(snapshot, declaration)).join('\n')
  }

  it('hold every type as people expect it in JSON', async () => {
    await server.psql(`
      CREATE TYPE mood AS ENUM ('sad', 'ok "quoted"');
      CREATE DOMAIN price AS numeric(30, 10) CHECK (VALUE >= 0);
      CREATE TYPE part AS (sku text, amounts bigint[], at timestamptz)`)
    const columns: readonly (readonly [sql: string, json: string])[] = [
      ['9223372036854775807::int8', '"9223372036854775807"'],
      ['9007199254740991::int8', '9007199254740991'],
      ['(-9007199254740992)::int8', '"-9007199254740992"'],
      ['2147483647::int4', '2147483647'],
      ['12.50::numeric', '12.5'],
      ['123456789012345678901234567890.5::numeric', '"123456789012345678901234567890.5"'],
      ["'NaN'::numeric", '"NaN"'],
      ['0.1::float8', '0.1'],
      ['(1::float8 / 3)', '0.3333333333333333'],
      ["'Infinity'::float4", '"Infinity"'],
      ['4294967295::oid', '4294967295'],
      ['true', 'true'],
      ['NULL::bool', 'null'],
      ["'2026-11-22 03:15:00.123456+01'::timestamptz", '"2026-11-22T02:15:00.123456Z"'],
      ["'2026-11-22 03:15:00'::timestamp", '"2026-11-22T03:15:00Z"'],
      ["'infinity'::timestamptz", '"infinity"'],
      ["'2026-02-28'::date", '"2026-02-28"'],
      ["'23:59:59.5'::time", '"23:59:59.5"'],
      ["'1 year 2 days 03:04:05'::interval", '"P1Y2DT3H4M5S"'],
      ["'\\xdeadbeef'::bytea", '"3q2+7w=="'],
      [
        `'{"b": 12345678901234567890.10, "a": [1e400]}'::json`,
        '{"b": 12345678901234567890.10, "a": [1e400]}',
      ],
      [`'{"b": 12345678901234567890.10}'::jsonb`, '{"b": 12345678901234567890.10}'],
      [`E'{"a":\\n1}'::json`, '{"a": 1}'],
      [`ARRAY['a,b', NULL, '"', '\\', 'NULL', '']`, String.raw`["a,b",null,"\"","\\","NULL",""]`],
      ["'{}'::int4[]", '[]'],
      ["'[0:1][2:3]={{1,2},{3,NULL}}'::int8[]", '[[1,2],[3,null]]'],
      ["ARRAY['2026-11-22 00:00:00Z'::timestamptz]", '["2026-11-22T00:00:00Z"]'],
      [`ARRAY['{"a":"},{"}'::jsonb]`, '[{"a": "},{"}]'],
      ["ARRAY['((1,1),(0,0))'::box, '((2,2),(1,1))'::box]", '["(1,1),(0,0)","(2,2),(1,1)"]'],
      [`'ok "quoted"'::mood`, String.raw`"ok \"quoted\""`],
      ['ARRAY[1.5, 2]::price[]', '[1.5,2]'],
      ['7::price', '7'],
      [
        `ARRAY[ROW('x (1)', ARRAY[9223372036854775807, 1], '2026-11-22 00:00:00Z')::part, NULL]`,
        '[{"sku":"x (1)","amounts":["9223372036854775807",1],"at":"2026-11-22T00:00:00Z"},null]',
      ],
      ['int4range(1, 5)', '"[1,5)"'],
      ["'1 2'::int2vector", '"1 2"'],
      ["'6b1ee3b0-0000-4000-8000-000000000000'::uuid", '"6b1ee3b0-0000-4000-8000-000000000000"'],
      ["E'line\\nbreak \\u2028 😀'", String.raw`"line\nbreak ${'\u2028'} 😀"`],
    ]
    const select = columns.map(([sql], place) => `${sql} AS c${place}`)
    const text = await documentOf(`SELECT 1 AS id, ${select.join(', ')}`)
    const expected = ['"id":1', ...columns.map(([, json], place) => `"c${place}":${json}`)]
    expect(text.split(/,(?="c\d+":)/)).toEqual(`{${expected.join(',')}}`.split(/,(?="c\d+":)/))
    expect(() => JSON.parse(text) as unknown).not.toThrow()
    expect(text).not.toContain('\n')
  })

  it('are all of one moment, in a database and under columns with any name', async () => {
    const database = 'Bücher; drop'
    await server.psql(`CREATE TABLE "ta ble" AS SELECT 1 AS "i""d'%", 'x' AS "::set-output"`, database)
    const first = declare('SELECT * FROM "ta ble"', { primaryKey: `i"d'%` })
    const second = declare('TABLE "ta ble"', { uid: 'second', primaryKey: `i"d'%` })
    await using snapshot = await open([first, second], { database })
    expect(Math.abs(Date.now() - snapshot.time.getTime())).toBeLessThan(60_000)
    expect(await read(snapshot, first)).toEqual([String.raw`{"i\"d'%":1,"::set-output":"x"}`])
    await server.psql(`INSERT INTO "ta ble" VALUES (2, 'y')`, database)
    expect(await read(snapshot, second)).toHaveLength(1)
  })

  it('come in handfuls that are asked for one after the other, and complete', async () => {
    const declaration = declare(
      `SELECT i AS id, CASE WHEN i > 5000 THEN repeat('x', 20000) ELSE '' END AS wide FROM generate_series(1, 7000) i`,
    )
    await using snapshot = await open([declaration])
    const sizes: number[] = []
    for await (const documents of snapshot.documents(declaration)) sizes.push(documents.length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(7000)
    expect(Math.max(...sizes)).toBe(1_000)
    // About 100 of the wide rows are 2 MiB: what was learnt of the first ones holds for the others.
    expect(sizes.slice(-5).every((size) => size <= 105)).toBe(true)
  })

  it('refuse queries that cannot be documents, all at once and by line', async () => {
    const wrong = [
      declare('SELECT 1 AS id, 2 AS a, 3 AS a', { uid: 'twice', line: 2 }),
      declare('SELECT 1 AS key', { uid: 'keyless', line: 3 }),
      declare('SELECT * FROM nowhere', { uid: 'missing', line: 4 }),
      declare('SELECT 1 AS id, ROW(1, 2) AS pair', { uid: 'pair', line: 5 }),
      declare('SELECT 1 AS id, 2', { uid: 'nameless', line: 6 }),
      declare('SELECT 1 AS id; SELECT 2 AS id', { uid: 'several', line: 7 }),
      declare('DELETE FROM orders RETURNING id', { uid: 'writes', line: 8 }),
      declare('SELECT id FROM orders -- fine', { uid: 'fine', line: 9 }),
    ]
    const failure = await failureOf(open(wrong))
    expect(failure).toMatchObject({ code: 'input' })
    expect(failure.message.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^line 4: missing: relation "nowhere" does not exist/),
      expect.stringMatching(/^line 7: several: .*syntax error/),
      expect.stringMatching(/^line 8: writes: .*syntax error/),
      'line 2: twice: gives two columns called "a". Give one of them another name (AS …).',
      'line 3: keyless: has no column "id", the primary key. It has: "key".',
      expect.stringMatching(/^line 5: pair: column "pair" is a record without named parts/),
      'line 6: nameless: gives a column without a name. Name it (AS …).',
    ])
  })

  it.each([
    ['a function that writes', 'SELECT set_note() AS id', /read-only transaction/],
    [
      'a statement that makes the transaction writable',
      `SELECT set_config('transaction_read_only', 'off', true) AS id`,
      /read-write/,
    ],
    ['a sequence', `SELECT nextval('counter') AS id`, /read-only transaction/],
  ])('are only read: %s fails', async (_, sql, message) => {
    await server.psql(`
      CREATE SEQUENCE counter;
      CREATE FUNCTION set_note() RETURNS bigint LANGUAGE sql AS 'UPDATE orders SET note = NULL RETURNING id'`)
    const declaration = declare(sql)
    const failure = await failureOf(documentOf(declaration.sql))
    expect(failure).toMatchObject({
      code: 'incomplete',
      message: expect.stringMatching(/before its first row/),
    })
    expect(String(failure.cause)).toMatch(message)
    expect(await server.psql('SELECT count(note) FROM orders')).toBe('1000')
  })

  it.each([
    ['SELECT id, 1 / (700 - id) AS quotient FROM orders', {}, /failed after \d+ rows/],
    [
      'SELECT CASE WHEN id = 700 THEN NULL ELSE id END AS id FROM orders ORDER BY orders.id',
      {},
      /Row 700 .* has no value in "id"/,
    ],
    [
      'SELECT id, pg_sleep(CASE WHEN id = 2 THEN 60 ELSE 0 END)::text AS s FROM orders',
      { timeoutMs: 300 },
      /gave nothing for 0\.3 s/,
    ],
  ])('fail half-way with the reason: %s', async (sql, more, message) => {
    const declaration = declare(sql, more)
    await using snapshot = await open([declaration])
    const failure = await failureOf(read(snapshot, declaration))
    expect(failure).toMatchObject({ code: 'incomplete', message: expect.stringMatching(message) })
  })

  it('name the keys that several rows have', async () => {
    await server.psql(`INSERT INTO orders VALUES (7, 'again'), (7, 'and again'), (9, 'again')`)
    const declaration = declare('SELECT id, note FROM orders')
    await using snapshot = await open([declaration])
    expect(await read(snapshot, declaration)).toHaveLength(1003)
    expect(await snapshot.duplicates(declaration)).toEqual([
      { key: '7', rows: 3 },
      { key: '9', rows: 2 },
    ])
  })

  it('are never of a table that is rewritten between snapshot and lock', async () => {
    await server.psql('CREATE VIEW seen AS SELECT * FROM orders')
    await using session = await openSession(parseConnection(server.url()).connection, never)
    let rewritten = false
    const meddling: Session = {
      ...session,
      query: async (sql, parameters) => {
        const rows = await session.query(sql, parameters)
        if (/clock_timestamp/.test(sql) && !rewritten) {
          rewritten = true
          await server.psql(
            `TRUNCATE orders; INSERT INTO orders SELECT i, 'new' FROM generate_series(1, 5) i`,
          )
        }
        return rows
      },
    }
    const log = recordingLog()
    const limits = { heldMs: 60_000, lockWaitMs: 2_000, attempts: 3 }
    await beginSnapshot(meddling, [declare('SELECT * FROM seen')], { limits, log })
    expect(log.lines.join('\n')).toMatch(/attempt 1 of 3: a table was rewritten meanwhile/)
    expect((await session.single('SELECT * FROM public.seen')).rows).toHaveLength(5)
  })

  it('are not had of a table that stays locked, and the error says so', async () => {
    const blocker = await openSession(parseConnection(server.url()).connection, never)
    await blocker.query('BEGIN')
    await blocker.query('LOCK TABLE public.orders')
    const failure = await failureOf(open([declare('TABLE orders')], { lockWaitMs: 100, attempts: 2 }))
    expect(failure).toMatchObject({
      code: 'snapshot',
      message: expect.stringMatching(/stayed locked/),
    })
    await blocker[Symbol.asyncDispose]()
  })

  it('hold their tables against a rewrite as long as the snapshot is open', async () => {
    const declaration = declare('SELECT * FROM orders')
    await using snapshot = await open([declaration])
    const failure = await failureOf(
      server.psql(`SET lock_timeout = '200ms'; TRUNCATE public.orders`).then(() => undefined),
    )
    expect(failure.message).toMatch(/lock timeout/)
    expect(await read(snapshot, declaration)).toHaveLength(1000)
  })

  it('end with the reason where the server ends the session', async () => {
    const declaration = declare('SELECT * FROM orders')
    await using snapshot = await open([declaration])
    const failure = await failureOf(
      (async () => {
        for await (const _ of snapshot.documents(declaration)) {
          await server.psql(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lifeboat'`,
          )
        }
      })(),
    )
    expect(failure).toMatchObject({ code: expect.stringMatching(/^(snapshot|connection)$/) })
    expect(snapshot.signal.reason).toMatchObject({ code: 'snapshot' })
  })

  it('need the rights of the role, and its policies must not hide rows', async () => {
    await server.psql(`
      DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reader-password';
      CREATE TABLE secret (id int); CREATE TABLE hidden (id int);
      ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; GRANT SELECT ON hidden TO reader; GRANT USAGE ON SCHEMA public TO reader`)
    const url = server.url('postgres', { user: 'reader', password: 'reader-password' })
    const source = postgresDocuments({
      connection: parseConnection(url).connection,
      limits: { heldMs: 60_000, lockWaitMs: 500, attempts: 2 },
    })
    const declarations = [
      declare('TABLE secret', { uid: 'a' }),
      declare('TABLE hidden', { uid: 'b', line: 3 }),
    ]
    const context = { log: recordingLog(), clock: systemClock, signal: never }
    const failure = await failureOf(source.open(declarations, context))
    expect(failure.message).toMatch(
      /line 2: a: permission denied for table secret\nline 3: b: .*row-level security/,
    )
  })
})

async function failureOf(act: Promise<unknown>): Promise<Error & { cause?: unknown }> {
  try {
    await act
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
