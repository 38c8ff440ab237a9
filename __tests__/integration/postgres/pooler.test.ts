import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { startPgbouncer } from '../../support/pgbouncer.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { recordStatements } from '../../support/statement-recorder.ts'

const never = new AbortController().signal

describe('A pooler, whatever its host and port are called,', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it.each([
    ['transaction', 20],
    ['transaction', 1],
    ['statement', 20],
    ['statement', 1],
  ] as const)(
    'is refused in %s mode with %i connections, before anything is sent that stays',
    async (mode, size) => {
      await using recorder = await recordStatements(server)
      await using pooler = await startPgbouncer(
        { ...server, port: portOf(recorder.url('postgres')) },
        { mode, size },
      )
      await expect(
        openSession(parseConnection(pooler.url('postgres')).connection, never),
      ).rejects.toMatchObject({
        code: 'connection',
        message: expect.stringMatching(/behind a pooler in transaction mode/),
        hint: expect.stringMatching(/direct host/),
      })
      const sent = new Set(recorder.sessions.flatMap(({ statements }) => statements))
      for (const statement of sent) {
        expect(statement).toMatch(
          /^(SELECT pg_catalog\.pg_backend_pid\(\) AS pid|BEGIN READ ONLY|ROLLBACK|DISCARD ALL;?|SET [a-zA-Z_]+=.*;?)$/,
        )
      }
    },
  )

  it('is taken in session mode', async () => {
    await using pooler = await startPgbouncer(server, { mode: 'session' })
    await using session = await openSession(parseConnection(pooler.url('postgres')).connection, never)
    const [row] = await session.query('SELECT pg_backend_pid() AS pid')
    expect(Number(row?.pid)).toBe(session.pid)
  })

  it('in session mode with one connection only is told apart, and how many are wanted', async () => {
    await using pooler = await startPgbouncer(server, { mode: 'session', size: 1 })
    await expect(
      openSession(parseConnection(pooler.url('postgres')).connection, never),
    ).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringMatching(/no second connection/),
    })
  })

  it('that is none costs one question', async () => {
    await using recorder = await recordStatements(server)
    await using session = await openSession(parseConnection(recorder.url('postgres')).connection, never)
    expect(session.pid).toBeGreaterThan(0)
    const [only, ...more] = recorder.sessions
    expect(more).toEqual([])
    expect(only?.statements.slice(0, 2)).toEqual([
      'SELECT pg_catalog.pg_backend_pid() AS pid',
      expect.stringMatching(/^SET search_path TO /),
    ])
  })
})

function portOf(url: string): number {
  return Number(new URL(url).port)
}
