import { LifeboatError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { openSession, type Session } from './session.ts'

/** Ends `signal` when nothing happens any more in the database; disposing of it ends the watch. */
export interface ServerWatch extends AsyncDisposable {
  readonly signal: AbortSignal
}

/** Looks are this many to a limit, and at most so far apart. */
const LOOKS = 8
const LONGEST_PAUSE_MS = 15_000

/**
 * Watches a database while something is restored into it. Building an index for an hour is work; waiting for a lock, for
 * a client or in `pg_sleep` is none. `signal` is aborted with `signal`'s reason, or with `stall` after `stallMs` in
 * which no session worked and nothing grew.
 */
export async function watchServer(
  connection: Connection,
  {
    stallMs,
    signal,
    now = () => performance.now(),
  }: { stallMs: number; signal: AbortSignal; now?: () => number },
): Promise<ServerWatch> {
  const session = await openSession(connection, signal)
  const stalled = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let state = ''
  let moved = now()
  const look = async (): Promise<void> => {
    const seen = await stateOf(session)
    if (seen.busy || seen.state !== state) moved = now()
    state = seen.state
    if (now() - moved < stallMs) return
    stalled.abort(
      new LifeboatError(
        'stall',
        `Nothing happened in "${connection.database}" for ${Math.round(stallMs / 1000)} s.`,
        {
          hint: 'See what its sessions wait for (pg_stat_activity): a lock, or a function of the dump that sleeps. `limits: stall=…` sets the limit.',
        },
      ),
    )
  }
  const next = (): void => {
    timer = setTimeout(
      () => {
        // A server that is gone is noticed by who works with it.
        looking = look().then(next, () => undefined)
      },
      Math.min(stallMs / LOOKS, LONGEST_PAUSE_MS),
    )
  }
  next()
  return {
    signal: AbortSignal.any([signal, stalled.signal]),
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer)
      await looking
      clearTimeout(timer)
      await session[Symbol.asyncDispose]()
    },
  }
}

/** `state` differs whenever a statement ended, a session came or went, or bytes were written. */
async function stateOf(session: Session): Promise<{ busy: boolean; state: string }> {
  const [row] = await session.query(`
    SELECT coalesce(bool_or(state = 'active' AND coalesce(wait_event_type, '')
             NOT IN ('Lock', 'Timeout', 'Client', 'Extension', 'Activity')), false) AS busy,
           pg_catalog.pg_database_size(pg_catalog.current_database()) || ' '
             || coalesce(string_agg(pid || ' ' || query_start, ',' ORDER BY pid), '') AS state
    FROM pg_catalog.pg_stat_activity
    WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()`)
  return { busy: row?.busy === 't', state: row?.state ?? '' }
}
