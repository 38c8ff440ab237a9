import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../src/catalog/ports.ts'
import { parseConnection, type Connection } from '../../../src/postgres/connection.ts'
import { openSession, type Session } from '../../../src/postgres/session.ts'
import { holdSnapshot, type Snapshot, type SnapshotLimits } from '../../../src/postgres/snapshot.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { recordingLog } from '../../support/recording-log.ts'

const never = new AbortController().signal
const LIMITS: SnapshotLimits = { heldMs: 60_000, lockWaitMs: 2_000, attempts: 5 }

describe('holdSnapshot', () => {
  let server: PostgresServer
  let connection: Connection
  let other: Session

  beforeAll(async () => {
    server = await startPostgres()
    connection = parseConnection(server.url()).connection
    other = await openSession(connection, never)
  })
  afterAll(async () => {
    await other[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    await server.psql(`
      DROP SCHEMA public CASCADE; CREATE SCHEMA public;
      CREATE TABLE orders (id integer, note text);
      INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 1000) i`)
  })

  const hold = (limits: Partial<SnapshotLimits> = {}, log = recordingLog()): Promise<Snapshot> =>
    holdSnapshot(connection, { limits: { ...LIMITS, ...limits }, clock: systemClock, log, signal: never })

  const rowsIn = async (snapshot: Snapshot): Promise<number> => {
    await using joined = await openSession(connection, never)
    await joined.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    await joined.query(`SET TRANSACTION SNAPSHOT '${snapshot.id}'`)
    const [row] = await joined.query('SELECT count(*) AS rows FROM public.orders')
    return Number(row?.rows)
  }

  /** Resolves once some session waits for a lock. */
  const somebodyWaits = async (): Promise<void> => {
    for (;;) {
      const waiting = await server.psql(`SELECT count(*) FROM pg_locks WHERE NOT granted`)
      if (waiting !== '0') return
    }
  }

  it.each([
    ['an ALTER TABLE that rewrites', 'ALTER TABLE public.orders ALTER id TYPE bigint', 1000],
    [
      'a TRUNCATE that is filled again',
      `TRUNCATE public.orders; INSERT INTO public.orders SELECT 1 FROM generate_series(1, 7)`,
      7,
    ],
  ])('sees every row after %s at the worst moment', async (_, sql, rows) => {
    await other.query('BEGIN')
    await other.query('LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE')
    const held = hold()
    await somebodyWaits()
    for (const statement of sql.split('; ')) await other.query(statement)
    await other.query('COMMIT')
    await using snapshot = await held
    expect(await rowsIn(snapshot)).toBe(rows)
  })

  it('does not see what is written after it', async () => {
    await using snapshot = await hold()
    await server.psql('INSERT INTO orders SELECT i FROM generate_series(1, 50) i')
    expect(await rowsIn(snapshot)).toBe(1000)
  })

  it('keeps a table from being rewritten until it is let go', async () => {
    await using snapshot = await hold()
    await expect(
      server.psql(`SET lock_timeout = '200ms'; ALTER TABLE orders ALTER id TYPE bigint`),
    ).rejects.toThrow(/lock timeout/)
    expect(await rowsIn(snapshot)).toBe(1000)
  })

  it.each([
    ['created', 'CREATE TABLE public.late (id integer)'],
    ['dropped', 'DROP TABLE public.other'],
    ['renamed', 'ALTER TABLE public.other RENAME TO late'],
  ])('starts over when a table was %s meanwhile, and then knows every table', async (_, sql) => {
    await server.psql('CREATE TABLE other (id integer)')
    await other.query('BEGIN')
    await other.query('LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE')
    const log = recordingLog()
    const held = hold({}, log)
    await somebodyWaits()
    await server.psql(sql.replaceAll('public.', ''))
    await other.query('COMMIT')
    await using snapshot = await held
    expect(log.lines.join()).toContain('starting over')
    const there = await server.psql(
      `SELECT string_agg(relname, ',' ORDER BY oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
    expect(snapshot.tables.map(({ name }) => name).join()).toBe(there)
  })

  it('lets others through between attempts, and says what is locked when it gives up', async () => {
    await other.query('BEGIN')
    await other.query('LOCK TABLE public.orders IN ACCESS EXCLUSIVE MODE')
    await expect(hold({ lockWaitMs: 100, attempts: 2 })).rejects.toMatchObject({
      code: 'snapshot',
      message: expect.stringContaining('after 2 attempts'),
    })
    await other.query('ROLLBACK')
  })

  it('lets go after the longest time that it may be held, with the reason', async () => {
    await using snapshot = await hold({ heldMs: 300 })
    await new Promise((resolve) => snapshot.signal.addEventListener('abort', resolve))
    expect(snapshot.signal.reason).toMatchObject({
      code: 'snapshot',
      message: expect.stringContaining('the limit'),
    })
  })

  it('notices that the server ended its session', async () => {
    await using snapshot = await hold()
    const lost = new Promise((resolve) => snapshot.signal.addEventListener('abort', resolve))
    await server.psql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lifeboat' AND state = 'idle in transaction'`,
    )
    await lost
    expect(snapshot.signal.reason).toMatchObject({
      code: 'snapshot',
      hint: expect.stringContaining('restart'),
    })
  })

  it('leaves no session behind', async () => {
    {
      await using snapshot = await hold()
      expect(snapshot.tables).toHaveLength(1)
    }
    for (let open = '1'; open !== '0';) {
      open = await server.psql(
        `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lifeboat' AND state LIKE 'idle in%'`,
      )
    }
  })
})
