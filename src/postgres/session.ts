import { LifeboatError } from '../errors.ts'
import { connect } from './connect.ts'
import { copyOut } from './copy-out.ts'
import { describeConnection, type Connection } from './connection.ts'
import { FIRST_STATEMENT, SECOND_STATEMENT } from './session-pins.ts'

/** Every value as PostgreSQL's own text: a bigint or a numeric would lose digits on its way through a number. */
export type Row = Readonly<Record<string, string | null>>

/** What a query gave, with columns that may share a name. */
export interface Result {
  readonly columns: readonly { readonly name: string; readonly typeOid: number }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** One connection to the server. */
export interface Session extends AsyncDisposable {
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

/**
 * Connects and pins the settings: the only way to a session, so that no name is resolved before. Throws `connection`, with advice for the usual reasons.
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
  const stop = (): void => void client.end().catch(lose)
  signal.addEventListener('abort', stop, { once: true })

  const answered = async <T>(ask: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    try {
      return await ask()
    } catch (cause) {
      signal.throwIfAborted()
      // Whether the query or the connection hears of it first is a matter of chance.
      if (cause instanceof Error && ENDED.test(sqlState(cause))) lose(cause)
      if (!lost) throw cause
      throw new LifeboatError('connection', `Lost the connection to ${describeConnection(connection)}.`, {
        hint: 'Did the server restart, or a firewall close the connection? Its log says why.',
        cause,
      })
    }
  }

  const session: Session = {
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
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', stop)
      report = () => undefined
      if (!lost) await client.end()
    },
  }
  try {
    await session.query(FIRST_STATEMENT)
    await session.query(SECOND_STATEMENT)
    return session
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/** PostgreSQL's five-character code of an error; empty when it is not the server's. */
export function sqlState(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
