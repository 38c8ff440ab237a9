import { LifeboatError } from '../errors.ts'
import { connect } from './connect.ts'
import { copyOut } from './copy-out.ts'
import { describeConnection, type Connection } from './connection.ts'

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

/**
 * Settings under which a row has one text form, whatever the role and the database have set, and no limit of
 * theirs ends our work half-way. The names are known to every supported server.
 */
const PINNED = {
  search_path: '',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '3',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  quote_all_identifiers: 'off',
  row_security: 'off',
  statement_timeout: '0',
  jit: 'off',
  // On, it has the planner compute CHECK constraints, which is code of an owner.
  constraint_exclusion: 'partition',
  client_encoding: 'UTF8',
  default_transaction_read_only: 'off',
  // A vanished runner must not hold locks until TCP gives up, two hours later.
  idle_in_transaction_session_timeout: '300000',
  tcp_keepalives_idle: '60',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '6',
} as const

/**
 * Settings that not every server has: two limits (14 and 17), and since the minor releases of August 2024 the one that
 * keeps a view, put in the place of a table or sequence by its owner, from running the owner's code as us.
 */
const WHERE_KNOWN = `(VALUES ('idle_session_timeout', '0'), ('transaction_timeout', '0'),
  ('restrict_nonsystem_relation_kind', 'view, foreign-table')) AS wanted (name, value)`

/** States with which the server ends a session: a shutdown, an administrator, a limit on idle sessions. */
const ENDED = /^(57P0[1-5]|25P0[34]|08...)$/

/** Connects and pins the settings. Throws `connection`, with advice for the usual reasons. */
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
    const settings = Object.entries(PINNED).map(([name, value]) => `set_config('${name}', '${value}', false)`)
    await session.query(`SELECT ${settings.join(', ')}`)
    await session.query(
      `SELECT set_config(name, wanted.value, false) FROM ${WHERE_KNOWN} JOIN pg_catalog.pg_settings USING (name)`,
    )
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
