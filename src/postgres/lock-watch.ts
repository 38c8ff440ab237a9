import { setTimeout as pause } from 'node:timers/promises'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { shortStatement, standingStill, waitingForUs, type Wait } from './lock-waits.ts'
import { openSession, type Session } from './session.ts'
import { processName } from './table-locks.ts'

/** Why a backup let go of its locks before it was done: it is to start over. */
export class GaveWay extends LifeboatError {}

export interface WatchedLocks {
  /** Of the session that holds the locks. */
  readonly holder: number
  /** `application_name` of all other sessions of this backup. */
  readonly application: string
  /** Lets go of everything, with the reason. */
  readonly abandon: (reason: GaveWay) => void
  /** How long somebody may wait for this backup, in milliseconds; absent: as long as it takes. */
  readonly yieldMs: number | undefined
  /** Told of each who waited, with how long, when that is over. */
  readonly waited: (sentence: string) => void
}

interface Surroundings {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

const LOOK_MS = 1_000
/** Once could be seen in the making, or end by a limit of its own. */
const LOOKS = 2

/** Somebody whom a look found waiting for us. */
interface Waiter {
  readonly name: string
  readonly statement: string
  readonly since: number
  looks: number
  stuck: number
  behind: number
}

type Found = Wait & { readonly key: string; readonly name: string; readonly statement: string }

/**
 * Looks every second, until it is disposed of, who waits for the locks of a backup. Says who does and how long. Has the
 * backup give way where one of its own sessions waits behind somebody who waits for it, which nobody else would ever
 * end; and to whoever waits for longer than `yieldMs`.
 */
export async function watchLocks(
  connection: Connection,
  watched: WatchedLocks,
  { clock, log, signal }: Surroundings,
): Promise<AsyncDisposable> {
  const session = await openSession(connection, signal)
  const waiters = new Map<string, Waiter>()
  const stop = new AbortController()

  const settle = (key: string, { name, statement, since, looks, behind }: Waiter): void => {
    waiters.delete(key)
    if (looks < LOOKS) return
    const others = behind === 0 ? '' : `, and up to ${behind} more behind it`
    const sentence = `${name} waited ${seconds(clock.elapsed() - since)} for the backup${others}: ${statement}`
    log.info(sentence)
    watched.waited(sentence)
  }
  const look = async (): Promise<GaveWay | undefined> => {
    const ours = await ownProcesses(session, watched)
    const waits = await findWaits(session, ours)
    const stuck = new Set(standingStill(waits, ours).map(({ key }) => key))
    const found = waitingForUs(waits, ours)
    const keys = new Set(found.map(({ key }) => key))
    for (const [key, waiter] of waiters) if (!keys.has(key)) settle(key, waiter)
    for (const { key, pid, name, statement } of found) {
      const waiter = waiters.get(key) ?? {
        name,
        statement,
        since: clock.elapsed(),
        looks: 0,
        stuck: 0,
        behind: 0,
      }
      waiters.set(key, waiter)
      waiter.looks++
      waiter.stuck = stuck.has(key) ? waiter.stuck + 1 : 0
      waiter.behind = Math.max(waiter.behind, waits.filter(({ behind }) => behind.includes(pid)).length)
      if (waiter.looks === LOOKS) log.info(`${name} waits for a lock of the backup: ${statement}`)
      if (waiter.stuck === LOOKS) {
        return new GaveWay('snapshot', `${name} waits for the backup, which waits behind it: ${statement}`)
      }
      const waitedMs = clock.elapsed() - waiter.since
      if (watched.yieldMs !== undefined && waitedMs >= watched.yieldMs) {
        return new GaveWay(
          'snapshot',
          `${name} waited ${seconds(waitedMs)} for the backup (limits: yield): ${statement}`,
        )
      }
    }
    return undefined
  }
  const watching = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const reason = await look()
      if (reason) {
        watched.abandon(reason)
        await endOthers(session, watched)
        return
      }
      // Ends early, by an error, where nobody needs it any more.
      await pause(LOOK_MS, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const ended = watching().catch((error: unknown) => {
    if (signal.aborted) return
    log.warning(
      `NOT MEASURED: who waits for the locks of this backup. ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await ended
      for (const [key, waiter] of waiters) settle(key, waiter)
      await session[Symbol.asyncDispose]()
    },
  }
}

async function ownProcesses(session: Session, { holder, application }: WatchedLocks): Promise<Set<number>> {
  const rows = await session.query(
    'SELECT pid FROM pg_catalog.pg_stat_activity WHERE application_name = $1 AND usename = current_user',
    [application],
  )
  return new Set([holder, ...rows.map(({ pid }) => Number(pid))])
}

/** Whoever waits for a relation, and all others too where one of ours waits: the chain may go through them. */
async function findWaits(session: Session, ours: ReadonlySet<number>): Promise<Found[]> {
  const rows = await session.query(
    `WITH waits AS MATERIALIZED (SELECT DISTINCT pid, locktype FROM pg_catalog.pg_locks WHERE NOT granted AND pid IS NOT NULL)
     SELECT w.pid, pg_catalog.to_json(pg_catalog.pg_blocking_pids(w.pid)) AS behind, a.query_start AS since,
            a.usename AS role, a.application_name AS application, a.query AS statement
     FROM waits w LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = w.pid
     WHERE w.locktype = 'relation' OR EXISTS (SELECT FROM waits own WHERE own.pid = ANY ($1::int[]))`,
    [`{${[...ours].join()}}`],
  )
  return rows.map((row) => ({
    pid: Number(row.pid),
    behind: JSON.parse(row.behind ?? '[]') as number[],
    // A number can be given to another process later.
    key: `${row.pid ?? ''} ${row.since ?? ''}`,
    name: processName(row),
    statement: shortStatement(row.statement ?? ''),
  }))
}

/**
 * Ends the other sessions of the backup. The process of a program that was killed would hear of it only when it got the
 * lock that it waits for, and keep its own locks until then.
 */
async function endOthers(session: Session, { application }: WatchedLocks): Promise<void> {
  await session.query(
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
     WHERE application_name = $1 AND usename = current_user`,
    [application],
  )
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)} s`
}
