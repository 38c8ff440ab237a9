import { LifeboatError } from '../errors.ts'
import { literal } from './identifier.ts'
import type { Row, Session } from './session.ts'
import type { Table } from './tables.ts'

/** Who stands in the way of a lock, and what ends that where nobody is there to ask. */
export interface Holders {
  readonly names: readonly string[]
  readonly cures: readonly string[]
}

/** Who holds tables for himself alone, or waits in front to do so. Asked outside the transaction that waited. */
export async function findHolders(session: Session, tables: readonly Table[]): Promise<Holders> {
  const rows = await session.query(
    `SELECT DISTINCT l.pid, a.usename AS role, a.application_name AS application, x.gid
     FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     -- A prepared transaction has no process; it holds the lock on its own number, too.
     LEFT JOIN pg_catalog.pg_locks own ON l.pid IS NULL AND own.pid IS NULL AND own.locktype = 'transactionid'
       AND own.virtualtransaction = l.virtualtransaction
     LEFT JOIN pg_catalog.pg_prepared_xacts x ON x.transaction = own.transactionid
     WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.relation = ANY ($1::oid[])
       AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`,
    [`{${tables.map(({ oid }) => oid).join()}}`],
  )
  const prepared = rows.flatMap(({ gid }) => (gid == null ? [] : [gid]))
  return {
    names: rows.map((row) =>
      row.gid == null ? processName(row) : `the prepared transaction ${literal(row.gid)}`,
    ),
    cures: prepared.map(
      (gid) =>
        `No session holds that lock any more, and no restart ends it: in this database, COMMIT PREPARED ${literal(gid)} or ROLLBACK PREPARED ${literal(gid)}.`,
    ),
  }
}

/** `app (process 4711, psql)`, of a row with `pid`, `role` and `application`. */
export function processName({ pid, role, application }: Row): string {
  return `${role ?? 'somebody'} (process ${pid ?? '?'}${application ? `, ${application}` : ''})`
}

/**
 * Throws `snapshot` where the server's lock table cannot take them: ours and pg_dump's, who locks every table a second
 * time. Tried and failed, it would be the application whose statements find no room.
 */
export async function assertRoomForLocks(session: Session, tables: number): Promise<void> {
  const [row] = await session.query(`
    SELECT pg_catalog.current_setting('max_locks_per_transaction') AS each,
           pg_catalog.current_setting('max_connections') AS connections,
           pg_catalog.current_setting('max_prepared_transactions') AS prepared`)
  const [each, connections, prepared] = [row?.each, row?.connections, row?.prepared].map(Number)
  const holders = (connections ?? 0) + (prepared ?? 0)
  const room = (each ?? 0) * holders
  if (2 * tables <= room) return
  throw new LifeboatError('snapshot', `The server has no room to lock ${tables} tables.`, {
    hint:
      `A backup and its pg_dump lock each table once: ${2 * tables} locks. There is room for ${room}: max_locks_per_transaction ` +
      `(${each ?? '?'}) × (max_connections + max_prepared_transactions) (${holders}). Set max_locks_per_transaction = ` +
      `${Math.ceil((2 * tables * 1.25) / holders)} (a restart is needed), then run the backup again.`,
  })
}
