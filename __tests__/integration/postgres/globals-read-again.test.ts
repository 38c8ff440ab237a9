import { afterAll, beforeAll, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { grantsOf } from '../../../src/postgres/compare-globals.ts'
import { forDatabase, parseGlobals } from '../../../src/postgres/globals-statements.ts'
import { readGlobals, renderGlobals } from '../../../src/postgres/globals.ts'
import { identifier, literal } from '../../../src/postgres/identifier.ts'
import { takeInventory } from '../../../src/postgres/inventory.ts'
import { openSession, type Session } from '../../../src/postgres/session.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'

/** What is hard about a name or a value, and anything else that fits. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        "'",
        '\\',
        '\n',
        '\r\n',
        ';',
        '--',
        '$$',
        ' ',
        'E',
        ',',
        '=',
        '/',
        '*',
        'é',
        '名',
        '🛟',
        '%',
      ),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 3 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  .filter((name) => !name.startsWith('pg_'))

const flag = (word: string): fc.Arbitrary<string> => fc.constantFrom(word, `NO${word}`)
const role = fc.record({
  name: text,
  flags: fc.tuple(
    ...['SUPERUSER', 'INHERIT', 'CREATEROLE', 'CREATEDB', 'LOGIN', 'REPLICATION', 'BYPASSRLS'].map(flag),
  ),
  limit: fc.constantFrom('', 'CONNECTION LIMIT 0', 'CONNECTION LIMIT 7'),
  until: fc.constantFrom(
    '',
    ...['infinity', '-infinity', '2040-01-01 12:34:56.789+05:30', '0044-03-15 BC', '294276-12-31'].map(
      (date) => `VALID UNTIL '${date}'`,
    ),
  ),
  comment: fc.option(text),
  settings: fc.array(
    fc.oneof(
      text.map((value) => `app.tenant = ${literal(value)}`),
      fc
        .array(text, { minLength: 1, maxLength: 3 })
        .map((names) => `search_path = ${names.map(literal).join(', ')}`),
      fc.constantFrom(
        `work_mem = '8MB'`,
        `search_path = ''`,
        `DateStyle = 'SQL, DMY'`,
        `temp_tablespaces = ''`,
      ),
    ),
    { maxLength: 3 },
  ),
  here: fc.boolean(),
})
const cluster = fc.record({
  roles: fc.uniqueArray(role, { minLength: 2, maxLength: 4, selector: ({ name }) => name }),
  admin: fc.boolean(),
  database: fc.option(text),
  revoked: fc.subarray(['CREATE', 'TEMPORARY', 'CONNECT']),
  granted: fc.subarray(['CREATE', 'TEMPORARY', 'CONNECT'], { minLength: 1 }),
  owned: fc.boolean(),
})

let server: PostgresServer
let session: Session

beforeAll(async () => {
  server = await startPostgres()
  await server.psql('CREATE DATABASE shop; CREATE DATABASE copy')
  session = await openSession(parseConnection(server.url('shop')).connection, new AbortController().signal)
})
afterAll(async () => {
  await session[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const run = async (statements: readonly string[]): Promise<void> => {
  for (const sql of statements) await session.query(sql)
}

it('reads all that is written of any cluster, and gives the copy the same grants', async () => {
  await using copy = await openSession(
    parseConnection(server.url('copy')).connection,
    new AbortController().signal,
  )
  const property = fc.asyncProperty(cluster, async ({ roles, admin, database, revoked, granted, owned }) => {
    const names = roles.map(({ name }) => identifier(name))
    const [first = '', second = ''] = names
    try {
      await run([
        ...roles.map(
          ({ name, flags, limit, until }) =>
            `CREATE ROLE ${identifier(name)} ${flags.join(' ')} ${limit} ${until}`,
        ),
        ...roles.flatMap(({ name, comment, settings, here }) => [
          `COMMENT ON ROLE ${identifier(name)} IS ${comment === null ? 'NULL' : literal(comment)}`,
          ...settings.map(
            (setting) => `ALTER ROLE ${identifier(name)} ${here ? 'IN DATABASE shop' : ''} SET ${setting}`,
          ),
        ]),
        `GRANT ${first} TO ${second} ${admin ? 'WITH ADMIN OPTION' : ''}`,
        `COMMENT ON DATABASE shop IS ${database === null ? 'NULL' : literal(database)}`,
        ...(owned ? [`ALTER DATABASE shop OWNER TO ${first}`] : []),
        `GRANT ${granted.join(', ')} ON DATABASE shop TO ${second} WITH GRANT OPTION`,
        // By another than the owner.
        `SET ROLE ${second}`,
        `GRANT ${granted.join(', ')} ON DATABASE shop TO ${names.at(-1) ?? ''}`,
        'RESET ROLE',
        ...(owned && revoked.length > 0
          ? [`REVOKE ${revoked.join(', ')} ON DATABASE shop FROM PUBLIC, ${first} CASCADE`]
          : []),
      ])
      const globals = await readGlobals(session, 'shop')
      const statements = parseGlobals(renderGlobals(globals))
      expect(statements.map(({ sql }) => sql)).toEqual(globals.statements)
      expect(statements.filter(({ kind }) => kind === 'unread')).toEqual([])
      const wanted = await takeInventory(session)
      await copy.query(`UPDATE pg_catalog.pg_database SET datacl = NULL WHERE datname = 'copy'`)
      for (const each of statements) {
        if (each.kind === 'database') await copy.query(forDatabase(each, 'copy'))
      }
      const found = await takeInventory(copy)
      expect(new Set(grantsOf(found.acl))).toEqual(new Set(grantsOf(wanted.acl)))
      expect([found.owner, found.settings]).toEqual([wanted.owner, wanted.settings])
    } finally {
      await run([
        'RESET ROLE',
        'ALTER DATABASE shop OWNER TO postgres',
        'ALTER DATABASE copy OWNER TO postgres',
        `UPDATE pg_catalog.pg_database SET datacl = NULL WHERE datname IN ('shop', 'copy')`,
        `DELETE FROM pg_catalog.pg_shdepend WHERE classid = 'pg_catalog.pg_database'::regclass`,
        ...names.map((name) => `DROP ROLE IF EXISTS ${name}`),
      ])
    }
  })
  await fc.assert(property, { numRuns: 60, endOnFailure: true })
})

it('names what stands in no statement', async () => {
  expect((await readGlobals(session, 'shop')).left).toEqual([])
  await server.psql('CREATE ROLE clerk; GRANT SET ON PARAMETER work_mem TO clerk')
  expect((await readGlobals(session, 'shop')).left).toEqual([expect.stringContaining('ON PARAMETER')])
})
