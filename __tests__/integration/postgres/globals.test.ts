import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { readGlobals, type Globals } from '../../../src/postgres/globals.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { twoMajors } from '../../support/postgres-majors.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'

const DATABASE = `it's "odd" \\ $$`
const majors = await twoMajors()

describe.each(majors)('The globals of PostgreSQL $major', ({ binDir }) => {
  let source: PostgresServer
  let target: PostgresServer

  const globalsOf = async (server: PostgresServer): Promise<Globals> => {
    await using session = await openSession(
      parseConnection(server.url(DATABASE)).connection,
      new AbortController().signal,
    )
    return await readGlobals(session, DATABASE)
  }
  const quoted = `"${DATABASE.replaceAll('"', '""')}"`

  beforeAll(async () => {
    ;[source, target] = await Promise.all([startPostgres({ binDir }), startPostgres({ binDir })])
    for (const server of [source, target]) await server.psql(`CREATE DATABASE ${quoted}`)
    await source.psql(`
      CREATE ROLE "we""ird 'role" LOGIN PASSWORD 'secret' CONNECTION LIMIT 3 VALID UNTIL '2040-01-01Z';
      CREATE ROLE readers NOLOGIN; CREATE ROLE boss CREATEROLE CREATEDB;
      GRANT readers TO "we""ird 'role"; GRANT readers TO boss WITH ADMIN OPTION; GRANT pg_monitor TO boss;
      COMMENT ON ROLE readers IS 'it''s only reading';
      COMMENT ON DATABASE ${quoted} IS 'a shop';
      ALTER ROLE boss SET search_path = '$user', "A b", 'c,d'; ALTER ROLE readers SET app.tenant = '7';
      ALTER DATABASE ${quoted} SET search_path = ''; ALTER DATABASE ${quoted} SET work_mem = '8MB';
      ALTER DATABASE ${quoted} CONNECTION LIMIT 50; ALTER DATABASE ${quoted} OWNER TO boss;
      ALTER ROLE boss IN DATABASE ${quoted} SET statement_timeout = '5s';
      REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC; GRANT CONNECT ON DATABASE ${quoted} TO readers WITH GRANT OPTION`)
  })
  afterAll(async () => {
    await source[Symbol.asyncDispose]()
    await target[Symbol.asyncDispose]()
  })

  it('make another server say the same of itself, once and again', async () => {
    const wanted = await globalsOf(source)
    for (const attempt of [1, 2]) {
      await target.psql(wanted.statements.join('\n'))
      expect([attempt, await globalsOf(target)]).toEqual([attempt, wanted])
    }
  })

  it('hold no password, and name who will need one again', async () => {
    const { statements, logins } = await globalsOf(source)
    expect(statements.join()).not.toMatch(/password|secret|SCRAM/i)
    expect(logins).toEqual(['postgres', `we"ird 'role`])
  })

  it('are of the known kinds only', async () => {
    const kinds =
      /^(DO 'BEGIN CREATE ROLE |DO E'BEGIN CREATE ROLE |GRANT |REVOKE ALL ON DATABASE |COMMENT ON (ROLE|DATABASE) |ALTER (ROLE|DATABASE) )/
    for (const statement of (await globalsOf(source)).statements) expect(statement).toMatch(kinds)
  })
})
