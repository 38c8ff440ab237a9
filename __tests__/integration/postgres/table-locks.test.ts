import { expect, it } from '@jest/globals'
import { systemClock } from '../../../src/catalog/ports.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { holdSnapshot } from '../../../src/postgres/snapshot.ts'
import { assertRoomForLocks } from '../../../src/postgres/table-locks.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { recordingLog } from '../../support/recording-log.ts'

const signal = new AbortController().signal

it('names who stands in the way of a lock, and a prepared transaction with its cure', async () => {
  await using server = await startPostgres({ config: { max_prepared_transactions: 5 } })
  const { connection } = parseConnection(server.url())
  await server.psql('CREATE TABLE t (a int)')
  const limits = { heldMs: 60_000, lockWaitMs: 100, attempts: 1 }
  const hold = (): Promise<unknown> =>
    holdSnapshot(connection, { limits, clock: systemClock, log: recordingLog(), signal })
  await using other = await openSession(connection, signal)
  await other.query('BEGIN')
  await other.query('LOCK TABLE public.t')
  await expect(hold()).rejects.toMatchObject({
    code: 'snapshot',
    message: expect.stringContaining(`stayed locked for 0 s (postgres (process ${other.pid}, lifeboat))`),
    hint: expect.stringContaining('pg_stat_activity'),
  })
  await other.query(`PREPARE TRANSACTION 'it''s mine'`)
  await expect(hold()).rejects.toMatchObject({
    message: expect.stringContaining(`the prepared transaction 'it''s mine'`),
    hint: expect.stringContaining(`ROLLBACK PREPARED 'it''s mine'`),
  })
})

it('tells beforehand how many tables fit into the lock table, each locked twice', async () => {
  await using server = await startPostgres({ config: { max_connections: 20, max_locks_per_transaction: 10 } })
  await using session = await openSession(parseConnection(server.url()).connection, signal)
  await expect(assertRoomForLocks(session, 100)).resolves.toBeUndefined()
  await expect(assertRoomForLocks(session, 101)).rejects.toMatchObject({
    code: 'snapshot',
    hint: expect.stringMatching(/202 locks.*room for 200.*max_locks_per_transaction = 13/),
  })
})
