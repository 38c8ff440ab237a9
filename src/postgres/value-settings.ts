import { LifeboatError } from '../errors.ts'
import { describeConnection, type Connection } from './connection.ts'
import { identifier } from './identifier.ts'
import { openSession, sqlState, type Session } from './session.ts'

/*
 * Settings that give the text of a value its meaning, and whose they are.
 *
 * - pg_dump's own, in every dump: DateStyle, IntervalStyle, extra_float_digits, quote_all_identifiers, search_path,
 *   row_security, and the limits on time.
 * - The archive's own, at every restore: client_encoding, standard_conforming_strings, xmloption, search_path,
 *   row_security, check_function_bodies.
 * - Nobody's, because the text says it: TimeZone (an offset is written), bytea_output, IntervalStyle at a restore (every
 *   sign is written), xmlbinary, default_text_search_config, lc_numeric and lc_time (functions only), and
 *   transform_null_equals (a NULL that is dumped has a type).
 * - Ours, because role, database or server may set them and neither program does: these.
 */

/** Money is written with the signs of a locale that another server may not have. */
export const DUMP_SETTINGS = { lc_monetary: 'C' } as const

/** Without `array_nulls` the NULL in an array is a word. */
export const RESTORE_SETTINGS = { lc_monetary: 'C', array_nulls: 'on' } as const

/** The same connection with these settings after those of the URL: the last one of a name holds. */
export function withSettings(
  connection: Connection,
  settings: Readonly<Record<string, string>>,
): Connection & { readonly serverOptions: string } {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return { ...connection, serverOptions: [connection.serverOptions ?? '', ...options].join(' ').trim() }
}

/**
 * The connection for pg_dump. Nothing is added where its sessions have what they need. A pooler may refuse settings:
 * throws `connection` where they matter. `session` is one of ours on the same connection.
 */
export async function connectionForDump(
  connection: Connection,
  session: Session,
  signal: AbortSignal,
): Promise<Connection> {
  // What a new session begins with, whatever we have set in this one.
  const [found] = await session.query(
    `SELECT reset_val AS value FROM pg_catalog.pg_settings WHERE name = 'lc_monetary'`,
  )
  const value = found?.value ?? ''
  if (value === 'C' || value === 'POSIX') return connection
  const pinned = withSettings(connection, DUMP_SETTINGS)
  try {
    await using probe = await openSession(pinned, signal)
    await probe.query('SELECT 1')
    return pinned
  } catch (error) {
    if (!isRefusal(error)) throw error
    const [{ role, money } = {}] = await session.query(MONEY)
    if (money !== 't') return connection
    throw new LifeboatError(
      'connection',
      `${describeConnection(connection)} takes no settings with a connection, and amounts of money would be written as ${value} wants.`,
      {
        hint: `Connect to the server without the pooler, or run once: ALTER ROLE ${identifier(role ?? '')} SET lc_monetary = 'C'`,
        cause: error,
      },
    )
  }
}

const PROTOCOL_VIOLATION = '08P01'

/** As poolers say it: "unsupported startup parameter". */
function isRefusal(error: unknown): boolean {
  return error instanceof LifeboatError && sqlState(error.cause) === PROTOCOL_VIOLATION
}

const MONEY = `
  SELECT current_user AS role,
         EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                 WHERE c.oid >= 16384 AND a.attnum > 0 AND a.atttypid IN (790, 791))
         OR EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typbasetype IN (790, 791)) AS money`
