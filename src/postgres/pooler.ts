import type pg from 'pg'
import { setTimeout as pause } from 'node:timers/promises'
import { LifeboatError } from '../errors.ts'
import { describeConnection, type Connection } from './connection.ts'
import { POOLER_ADVICE } from './pooler-signs.ts'
import { sqlState } from './sql-state.ts'

declare module 'pg' {
  interface Client {
    /** What the server (or a pooler) said in BackendKeyData. */
    readonly processID: number
    readonly secretKey: number
  }
}

const ROUNDS = 5
/** How long an answer may take that waits for nobody. */
const PATIENCE_MS = 5_000

/**
 * Whether one server process serves `client` from beginning to end, measured before anything is sent that stays behind: a
 * dump through a pooler that changes servers between transactions leaves its settings in connections that the
 * application uses next. Gives that process's id. Throws `connection` where there is such a pooler. `another` opens a
 * second client; it is needed only where somebody stands between.
 */
export async function refusePooled(
  client: pg.Client,
  connection: Connection,
  another: () => Promise<pg.Client>,
): Promise<number> {
  const first = await processOf(client)
  if (first === client.processID) return first
  // Somebody stands between. A pooler by session gives each of us a server of its own, and keeps it.
  const other = await another()
  // Whoever asks it something hears of it.
  other.on('error', () => undefined)
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const found = await meet(client, other)
      if (found !== undefined) throw pooled(connection, found)
    }
  } finally {
    // It may never answer any more.
    await Promise.race([other.end(), pause(PATIENCE_MS, undefined, { ref: false })])
  }
  return await processOf(client)
}

/** What shows that two clients share their servers; undefined where nothing does. */
async function meet(client: pg.Client, other: pg.Client): Promise<string | undefined> {
  const before = await processOf(client)
  try {
    await inTime(other.query('BEGIN READ ONLY'))
  } catch (error) {
    if (error instanceof TooLate) {
      throw new LifeboatError('connection', 'The pooler has no second connection to the server to give.', {
        hint: 'Lifeboat needs four at a time: raise the size of the pool for this user, or use the direct host.',
      })
    }
    if (!/^[0-9A-Z]{5}$/.test(sqlState(error))) throw error
    return `a transaction is refused (${error instanceof Error ? error.message : String(error)})`
  }
  const inside = await processOf(other)
  const asked = processOf(client)
  const after = await inTime(asked).catch((error: unknown) => {
    if (error instanceof TooLate) return undefined
    throw error
  })
  await other.query('ROLLBACK')
  if (after === undefined) {
    await asked
    return 'one session waits for the transaction of another'
  }
  if (inside === before || inside === after) return 'two sessions share a server process'
  return after === before ? undefined : 'a session changes its server process'
}

class TooLate extends Error {}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = new AbortController()
  const limit = pause(PATIENCE_MS, undefined, { signal: late.signal }).then(() => {
    throw new TooLate()
  })
  // It is told that it need not wait any more.
  limit.catch(() => undefined)
  try {
    return await Promise.race([answer, limit])
  } finally {
    late.abort()
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: string }>('SELECT pg_catalog.pg_backend_pid() AS pid')
  return Number(rows[0]?.pid)
}

function pooled(connection: Connection, sign: string): LifeboatError {
  return new LifeboatError(
    'connection',
    `${describeConnection(connection)} is behind a pooler in transaction mode: ${sign}. A dump through one damages the application's sessions.`,
    { hint: POOLER_ADVICE },
  )
}
