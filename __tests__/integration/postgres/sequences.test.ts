import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseConnection, type Connection } from '../../../src/postgres/connection.ts'
import { readSequences, sequenceIntervals } from '../../../src/postgres/sequences.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'

const never = new AbortController().signal

describe('Sequences', () => {
  let server: PostgresServer
  let connection: Connection

  beforeAll(async () => {
    server = await startPostgres()
    connection = parseConnection(server.url()).connection
    await server.psql(
      `CREATE SEQUENCE used; CREATE SEQUENCE fresh START 7; CREATE SEQUENCE short; SELECT nextval('used')`,
    )
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it('are read as they are now, called or not', async () => {
    const values = (await readSequences(connection, never)).map(({ name, value, called }) => [
      name,
      value,
      called,
    ])
    expect(values).toEqual([
      ['fresh', '7', false],
      ['short', '1', false],
      ['used', '1', true],
    ])
  })

  it('give an interval from before the dump to after it, without those that went meanwhile', async () => {
    const before = await readSequences(connection, never)
    await server.psql(`SELECT nextval('used'), nextval('used'); DROP SEQUENCE short`)
    const intervals = sequenceIntervals(before, await readSequences(connection, never))
    expect(intervals.map(({ name, before: from, after: to }) => [name, from, to])).toEqual([
      ['fresh', '7', '7'],
      ['used', '1', '3'],
    ])
  })

  it('never run the code of an owner who put a view in the place of a table or sequence', async () => {
    await server.psql(`
      CREATE TABLE proof (who text);
      CREATE FUNCTION trap() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO proof VALUES (current_user); RETURN 1; END $$;
      CREATE VIEW trapped AS SELECT trap() AS last_value, true AS is_called`)
    await using session = await openSession(connection, never)
    await expect(session.query('SELECT last_value, is_called FROM public.trapped')).rejects.toThrow(/view/)
    expect(await server.psql('SELECT count(*) FROM proof')).toBe('0')
  })

  it('are left out where a standby has no values of them, as pg_dump leaves them out', async () => {
    await server.psql('CREATE UNLOGGED TABLE fleeting (id int GENERATED ALWAYS AS IDENTITY)')
    await using standby = await startPostgres({ standbyOf: server })
    const names = async (from: PostgresServer): Promise<string[]> =>
      (await readSequences(parseConnection(from.url()).connection, never)).map(({ name }) => name)
    const there = await names(server)
    expect(there).toContain('used')
    expect(there).toContain('fleeting_id_seq')
    expect(await names(standby)).toEqual(there.filter((name) => name !== 'fleeting_id_seq'))
  })
})
