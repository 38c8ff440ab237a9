import type { IndexDeclaration, ReindexContext } from '../catalog/reindex.ts'
import { LifeboatError } from '../errors.ts'
import { allowViews } from './allow-views.ts'
import { describeQueries, type DescribedQuery } from './describe-queries.ts'
import { defaultSearchPath } from './search-path.ts'
import { sqlState, type Session } from './session.ts'

export interface DocumentSnapshotLimits {
  /** How long the snapshot may be held, in milliseconds. */
  readonly heldMs: number
  /** How long one attempt waits for the lock of a table, in milliseconds. */
  readonly lockWaitMs: number
  readonly attempts: number
}

export interface TakenSnapshot {
  readonly queries: ReadonlyMap<string, DescribedQuery>
  /** With which the queries are to be read. */
  readonly searchPath: readonly string[]
  /** By the server's clock. */
  readonly time: Date
}

/**
 * Begins the transaction in which all queries are read. A snapshot is older than the locks that come after it: a table
 * that is rewritten in between (TRUNCATE, ALTER TABLE … TYPE) is *empty* in it, and an empty index would be swapped in
 * without anybody noticing. Here it is the queries that lock their tables (and views', and partitions'), whatever the
 * role may lock itself; if the file of one of them is another than before the snapshot, it starts over.
 */
export async function beginSnapshot(
  session: Session,
  declarations: readonly IndexDeclaration[],
  { limits, log }: { limits: DocumentSnapshotLimits } & Pick<ReindexContext, 'log'>,
): Promise<TakenSnapshot> {
  // The user's queries see what the user's own sessions see.
  const searchPath = await defaultSearchPath(session)
  let obstacle = ''
  for (let attempt = 1; attempt <= limits.attempts; attempt++) {
    try {
      await begin(session, 'READ COMMITTED', limits.lockWaitMs)
      await describeQueries(session, declarations, searchPath)
      const before = await lockedFiles(session)
      await session.query('COMMIT')

      await begin(session, 'REPEATABLE READ', limits.lockWaitMs)
      const [row] = await session.query('SELECT extract(epoch FROM pg_catalog.clock_timestamp()) AS time')
      const queries = await describeQueries(session, declarations, searchPath)
      if ((await lockedFiles(session)) === before) {
        await session.query('SET LOCAL lock_timeout = 0')
        return { queries, searchPath, time: new Date(Number(row?.['time']) * 1000) }
      }
      obstacle = 'a table was rewritten'
    } catch (error) {
      if (sqlState(error) !== '55P03') throw error
      obstacle = `a table stayed locked for ${Math.round(limits.lockWaitMs / 1000)} s`
    }
    await session.query('ROLLBACK')
    log.info(`Snapshot attempt ${attempt} of ${limits.attempts}: ${obstacle} meanwhile; starting over.`)
  }
  throw new LifeboatError(
    'snapshot',
    `No consistent snapshot after ${limits.attempts} attempts: ${obstacle} meanwhile.`,
    {
      hint: 'A long ALTER TABLE, TRUNCATE or migration is running: look at pg_stat_activity, and try again after it.',
    },
  )
}

async function begin(session: Session, isolation: string, lockWaitMs: number): Promise<void> {
  await session.query(`BEGIN ISOLATION LEVEL ${isolation} READ ONLY`)
  await session.query(`SET LOCAL lock_timeout = ${Math.round(lockWaitMs)}`)
  await allowViews(session)
  // Intervals are ISO 8601 in JSON.
  await session.query('SET LOCAL IntervalStyle = iso_8601')
  // All rows are wanted, so the planner must not prefer a quick first one.
  await session.query('SET LOCAL cursor_tuple_fraction = 1')
}

/** Every relation that this transaction holds a lock on, with its file as it is now, whatever the snapshot sees. */
async function lockedFiles(session: Session): Promise<string> {
  const rows = await session.query(`
    SELECT relation, pg_catalog.pg_relation_filenode(relation) AS file
    FROM pg_catalog.pg_locks
    WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND relation >= 16384
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    ORDER BY relation`)
  return JSON.stringify(rows.map((row) => [row['relation'], row['file']]))
}
