import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { missingExtensions, refuseMissingExtensions } from '../../../src/postgres/restore-target.ts'
import { watchServer } from '../../../src/postgres/server-watch.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'

const { signal } = new AbortController()
const STALL_MS = 1_500

describe('A server that something is restored into', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  const connection = () => parseConnection(server.url()).connection
  const client = async (): Promise<Client> => {
    const made = new Client({ connectionString: server.url() })
    await made.connect()
    return made
  }

  it('is given up where nothing happens in it any more', async () => {
    const sleeper = await client()
    const sleeping = sleeper.query('SELECT pg_sleep(600)').catch((error: unknown) => error)
    await using watch = await watchServer(connection(), { stallMs: STALL_MS, signal })
    await new Promise((resolve) => watch.signal.addEventListener('abort', resolve))
    expect(watch.signal.reason).toMatchObject({
      code: 'stall',
      message: expect.stringMatching(/Nothing happened in "postgres"/),
    })
    await server.psql(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'`)
    await sleeping
    await sleeper.end()
  })

  it('is not given up while it computes, for however long', async () => {
    const worker = await client()
    await using watch = await watchServer(connection(), { stallMs: STALL_MS, signal })
    await worker.query(`DO $$ DECLARE since timestamptz := clock_timestamp(); BEGIN
      WHILE clock_timestamp() < since + interval '${3 * STALL_MS} ms' LOOP NULL; END LOOP; END $$`)
    expect(watch.signal.aborted).toBe(false)
    await worker.end()
  })

  it('is asked for the extensions first, and those that it lacks are named with what to do', async () => {
    await using session = await openSession(connection(), signal)
    const wanted = [
      { name: 'pg_trgm', version: '1.6' },
      { name: 'no_such_vector', version: '0.8.0' },
    ]
    const missing = await missingExtensions(session, wanted)
    expect(missing).toEqual(['no_such_vector 0.8.0'])
    expect(() => refuseMissingExtensions(missing, 15)).toThrow(
      expect.objectContaining({
        code: 'platform',
        message: expect.stringMatching(/no_such_vector 0\.8\.0/),
        hint: expect.stringMatching(/service container .*target-database-url/),
      }),
    )
    expect(() => refuseMissingExtensions([], 15)).not.toThrow()
  })
})
