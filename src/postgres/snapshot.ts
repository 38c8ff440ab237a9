import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { describeConnection, type Connection } from './connection.ts'
import { qualified } from './identifier.ts'
import { openSession, sqlState, type Session } from './session.ts'
import { assertRoomForLocks, findHolders, type Holders } from './table-locks.ts'
import { listTables, measureTables, type MeasuredTable, type Table } from './tables.ts'

export interface SnapshotLimits {
  /** How long the snapshot may be held, in milliseconds: it keeps VACUUM from removing dead rows. */
  readonly heldMs: number
  /** How long one attempt waits for a table's lock, in milliseconds: while we wait, every later query waits too. */
  readonly lockWaitMs: number
  /** How often the tables are tried again when one is locked or the schema changes. */
  readonly attempts: number
  /** How long somebody may wait for the backup before it gives way, in milliseconds; absent: as long as it takes. */
  readonly yieldMs?: number
}

/** A consistent view of the database that other sessions can join, as long as this is not disposed of. */
export interface Snapshot extends AsyncDisposable {
  /** What `pg_dump --snapshot` and `SET TRANSACTION SNAPSHOT` want. */
  readonly id: string
  /** By the server's clock. */
  readonly time: Date
  /** Write-ahead log position, `0/16B3748`; null where it cannot be read. */
  readonly wal: string | null
  /** Every table, locked against change. */
  readonly tables: readonly MeasuredTable[]
  /** The session that holds it, to read in. */
  readonly session: Session
  /** Aborts when the snapshot is lost, held for too long or abandoned, with the reason. */
  readonly signal: AbortSignal
  /** Lets go of everything at once. */
  abandon(reason: unknown): void
}

const HEARTBEAT_MS = 30_000
const ABORTED = '25P02'
const TABLES_PER_LOCK = 500

/**
 * Locks every table first and takes the snapshot then. The other way round, a table that is rewritten in between
 * (ALTER TABLE … TYPE, TRUNCATE) is *empty* in the snapshot, for pg_dump and for every check alike. Starts over when
 * a table is locked by somebody else for longer than `lockWaitMs`, or when tables came or went meanwhile.
 * Throws `snapshot` when that never succeeds.
 */
export async function holdSnapshot(
  connection: Connection,
  { limits, clock, log, signal }: { limits: SnapshotLimits; clock: Clock; log: Log; signal: AbortSignal },
): Promise<Snapshot> {
  const lost = new AbortController()
  const held = AbortSignal.any([signal, lost.signal])
  const session = await openSession(connection, held)
  try {
    const taken = await lockAndExport(session, limits, log)
    const stop = keepAlive(session, limits, clock, (reason) => lost.abort(reason), connection)
    return {
      ...taken,
      session,
      signal: held,
      abandon: (reason) => lost.abort(reason),
      [Symbol.asyncDispose]: async () => {
        stop()
        await session[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

type Taken = Pick<Snapshot, 'id' | 'time' | 'wal' | 'tables'>

async function lockAndExport(session: Session, limits: SnapshotLimits, log: Log): Promise<Taken> {
  let obstacle = ''
  let holders: Holders = { names: [], cures: [] }
  for (let attempt = 1; attempt <= limits.attempts; attempt++) {
    const listed = await listTables(session)
    await assertRoomForLocks(session, listed.filter(({ readable }) => readable).length)
    await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const dumped = listed.filter(({ readable }) => readable)
    const blocked = await lock(session, dumped, limits.lockWaitMs)
    if (blocked === undefined) {
      const taken = await exportSnapshot(session)
      if (sameTables(listed, taken.tables)) return taken
      obstacle = 'tables were created or dropped'
    } else {
      obstacle = blocked
    }
    await session.query('ROLLBACK')
    if (blocked !== undefined) {
      holders = await findHolders(session, dumped)
      if (holders.names.length > 0) obstacle = `${blocked} (${holders.names.join(', ')})`
    }
    log.info(`Snapshot attempt ${attempt} of ${limits.attempts}: ${obstacle} meanwhile; starting over.`)
  }
  throw new LifeboatError(
    'snapshot',
    `No consistent snapshot after ${limits.attempts} attempts: ${obstacle} meanwhile.`,
    {
      hint:
        holders.cures.length > 0
          ? holders.cures.join(' ')
          : 'A long ALTER TABLE, TRUNCATE, REINDEX or migration is running: look at pg_stat_activity, and run the backup after it.',
    },
  )
}

/** undefined when every table is locked, else what stood in the way. */
async function lock(session: Session, tables: readonly Table[], waitMs: number): Promise<string | undefined> {
  try {
    await session.query(`SET LOCAL lock_timeout = ${Math.round(waitMs)}`)
    for (let start = 0; start < tables.length; start += TABLES_PER_LOCK) {
      const names = tables
        .slice(start, start + TABLES_PER_LOCK)
        .map(({ schema, name }) => qualified(schema, name))
      // LOCK takes no snapshot, a SELECT would.
      await session.query(`LOCK TABLE ONLY ${names.join(', ONLY ')} IN ACCESS SHARE MODE`)
    }
    await session.query('SET LOCAL lock_timeout = 0')
    return undefined
  } catch (error) {
    switch (sqlState(error)) {
      case '55P03':
        return `a table stayed locked for ${Math.round(waitMs / 1000)} s`
      case '42P01': // undefined_table
      case '3F000': // invalid_schema_name
      case '42809': // wrong_object_type: it is a view now
      case 'XX000': // "could not open relation with OID": dropped while we waited
        return 'tables were dropped'
      case '40P01':
        return 'a deadlock was resolved'
      case '53200':
        throw new LifeboatError('snapshot', `The server has no room to lock ${tables.length} tables.`, {
          hint: 'Raise max_locks_per_transaction on the server (a restart is needed), then run the backup again.',
          cause: error,
        })
      default:
        throw error
    }
  }
}

async function exportSnapshot(session: Session): Promise<Taken> {
  const [row] = await session.query(`
    SELECT pg_catalog.pg_export_snapshot() AS id, extract(epoch FROM pg_catalog.clock_timestamp()) AS time,
           CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                ELSE pg_catalog.pg_current_wal_insert_lsn() END AS wal`)
  return {
    id: row?.id ?? '',
    time: new Date(Number(row?.time) * 1000),
    wal: row?.wal ?? null,
    tables: await measureTables(session, await listTables(session)),
  }
}

function sameTables(before: readonly Table[], after: readonly Table[]): boolean {
  const keys = (tables: readonly Table[]): string =>
    JSON.stringify(tables.map(({ oid, schema, name, columns }) => [oid, schema, name, columns]))
  return keys(before) === keys(after)
}

/** Asks for a sign of life now and then, so that a server whose client vanished lets go, and we notice its loss. */
function keepAlive(
  session: Session,
  limits: SnapshotLimits,
  clock: Clock,
  lose: (reason: LifeboatError) => void,
  connection: Connection,
): () => void {
  const since = clock.elapsed()
  const gone = (cause: unknown): void =>
    lose(
      new LifeboatError(
        'snapshot',
        `The server ended the session that held the snapshot of ${describeConnection(connection)}.`,
        {
          hint: 'Did it restart, fail over, or cancel long transactions? Its log says why. Run the backup again.',
          cause,
        },
      ),
    )
  session.onLost(gone)
  const timer = setInterval(
    () => {
      if (clock.elapsed() - since < limits.heldMs) {
        // While a query that failed is being rolled back, nothing is lost.
        session.query('SELECT 1').catch((error: unknown) => {
          if (sqlState(error) !== ABORTED) gone(error)
        })
        return
      }
      lose(
        new LifeboatError(
          'snapshot',
          `The snapshot was held for ${Math.round(limits.heldMs / 60_000)} minutes, the limit.`,
          {
            hint: 'Dump faster (a lower compression level), or raise the limit: limits: snapshot=12h. Meanwhile dead rows pile up.',
          },
        ),
      )
    },
    Math.min(HEARTBEAT_MS, limits.heldMs),
  )
  return () => clearInterval(timer)
}
