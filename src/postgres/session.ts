import { setTimeout as pause } from 'node:timers/promises'
import { LifeboatError } from '../errors.ts'
import { Interruption } from '../pipeline/interruption.ts'
import { requestCancel } from './cancel-request.ts'
import { connect } from './connect.ts'
import { copyOut } from './copy-out.ts'
import { describeConnection, type Connection } from './connection.ts'
import { refusePooled } from './pooler.ts'
import { FIRST_STATEMENT, SECOND_STATEMENT } from './session-pins.ts'
import { sqlState } from './sql-state.ts'

export { sqlState } from './sql-state.ts'

/** Every value as PostgreSQL's own text: a bigint or a numeric would lose digits on its way through a number. */
export type Row = Readonly<Record<string, string | null>>

/** What a query gave, with columns that may share a name. */
export interface Result {
  readonly columns: readonly { readonly name: string; readonly typeOid: number }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** One connection to the server. */
export interface Session extends AsyncDisposable {
  /** Of the server process that serves it. */
  readonly pid: number
  query(sql: string, parameters?: readonly (string | number)[]): Promise<Row[]>
  /** Runs a statement that somebody else wrote. The server refuses more than one. */
  single(sql: string): Promise<Result>
  /** Runs a `COPY … TO STDOUT`. The bytes of a row are only good during the call. */
  copyOut(sql: string, onRow: (row: Uint8Array) => void): Promise<void>
  /** Called when the server ends the session, or the network does. */
  onLost(report: (error: Error) => void): void
}

/** States with which the server ends a session: a shutdown, an administrator, a limit on idle sessions. */
const ENDED = /^(57P0[1-5]|25P0[34]|08...)$/

/** How long the server may take to close a session that is done: everything was answered before. */
const END_MS = 5_000

/** The runner kills ten seconds after a cancel. */
const CANCEL_MS = 3_000

/**
 * Connects and pins the settings: the only way to a session, so that no name is resolved before. When `signal` aborts,
 * whoever waits for an answer is told at once, and the server to cancel what it runs. Throws `connection`, with advice
 * for the usual reasons.
 */
export async function openSession(connection: Connection, signal: AbortSignal): Promise<Session> {
  const client = await connect(connection, signal)
  let lost: Error | undefined
  let report: (error: Error) => void = () => undefined
  const lose = (error: Error): void => {
    if (lost) return
    lost = error
    report(error)
  }
  client.on('error', lose)
  client.on('end', () => lose(new Error('the server closed the connection')))
  const interruption = new Interruption()
  let asked = 0
  let stopped: Promise<void> | undefined
  const stop = (): void => {
    const key = { processId: client.processID, secretKey: client.secretKey }
    const cancelled =
      asked > 0 ? requestCancel(connection, key, { encrypted: client.ssl, limitMs: CANCEL_MS }) : undefined
    stopped = Promise.resolve(cancelled)
      .then(() => Promise.race([client.end(), pause(CANCEL_MS, undefined, { ref: false })]))
      .catch(lose)
      .finally(() => client.connection.stream.destroy())
    interruption.interrupt(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
  }
  signal.addEventListener('abort', stop, { once: true })

  const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    asked++
    try {
      return await interruption.wait(ask())
    } catch (cause) {
      signal.throwIfAborted()
      // Whether the query or the connection hears of it first is a matter of chance.
      if (cause instanceof Error && ENDED.test(sqlState(cause))) lose(cause)
      if (!lost) throw cause
      throw new LifeboatError('connection', `Lost the connection to ${describeConnection(connection)}.`, {
        hint: 'Did the server restart, or a firewall close the connection? Its log says why.',
        cause,
      })
    } finally {
      asked--
    }
  }

  const end = async (): Promise<void> => {
    signal.removeEventListener('abort', stop)
    report = () => undefined
    await stopped
    if (lost || stopped) return
    // A goodbye that nobody answers: a child of the server, or somebody in between, may keep the socket open.
    const patience = new AbortController()
    const limit = pause(END_MS, undefined, { signal: patience.signal }).catch(() => undefined)
    await Promise.race([client.end(), limit])
    patience.abort()
    client.connection.stream.destroy()
  }
  let pid: number
  try {
    pid = await answered(() => refusePooled(client, connection, () => connect(connection, signal)))
    await answered(() => client.query(FIRST_STATEMENT))
    await answered(() => client.query(SECOND_STATEMENT))
  } catch (error) {
    await end()
    throw error
  }
  return {
    pid,
    query: (sql, parameters = []) =>
      answered(async () => (await client.query<Record<string, string | null>>(sql, [...parameters])).rows),
    single: (sql) =>
      answered(async () => {
        const statement = { text: sql, rowMode: 'array' as const, queryMode: 'extended' }
        const { fields, rows } = await client.query<(string | null)[]>(statement)
        return { columns: fields.map(({ name, dataTypeID }) => ({ name, typeOid: dataTypeID })), rows }
      }),
    copyOut: (sql, onRow) => answered(() => copyOut(client, sql, onRow)),
    onLost: (callback) => {
      report = callback
    },
    [Symbol.asyncDispose]: end,
  }
}
