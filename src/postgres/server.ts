import { LifeboatError } from '../errors.ts'
import type { Session } from './session.ts'

/** What a backup has to know of the server and of the database, beside its rows. */
export interface Server {
  /** `15.18` */
  readonly version: string
  /** 150018 */
  readonly versionNumber: number
  readonly major: number
  /** Tells one cluster from another; null where the role may not read it. */
  readonly systemIdentifier: string | null
  readonly standby: boolean
  readonly encoding: string
  readonly collate: string
  readonly ctype: string
  readonly localeProvider: 'libc' | 'icu' | 'builtin'
  /** The provider's own locale, where it is not libc's. */
  readonly locale: string | null
  /** The database's owner. */
  readonly owner: string
  /** `pg_database_size()`, in bytes. */
  readonly databaseBytes: number
}

const OLDEST_MAJOR = 12

const PROVIDERS: Readonly<Record<string, Server['localeProvider']>> = { c: 'libc', i: 'icu', b: 'builtin' }

export async function describeServer(session: Session): Promise<Server> {
  const [settings] = await session.query(`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
           pg_catalog.pg_is_in_recovery() AS standby`)
  const versionNumber = Number(settings?.number)
  const major = Math.floor(versionNumber / 10_000)
  if (major < OLDEST_MAJOR) {
    throw new LifeboatError('connection', `The server is PostgreSQL ${settings?.version ?? '?'}.`, {
      hint: `Lifeboat backs up PostgreSQL ${OLDEST_MAJOR} and newer: upgrade the server.`,
    })
  }
  // The provider's columns came with 15 and were renamed with 17.
  const locale = major >= 17 ? 'datlocale' : major >= 15 ? 'daticulocale' : 'NULL'
  const [database] = await session.query(`
    SELECT pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate, datctype,
           pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.pg_database_size(oid) AS bytes,
           ${major >= 15 ? 'datlocprovider' : "'c'"} AS provider, ${locale} AS locale
    FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()`)
  return {
    version: (settings?.version ?? '').split(' ')[0] ?? '',
    versionNumber,
    major,
    systemIdentifier: await systemIdentifier(session),
    standby: settings?.standby === 't',
    encoding: database?.encoding ?? '',
    collate: database?.datcollate ?? '',
    ctype: database?.datctype ?? '',
    localeProvider: PROVIDERS[database?.provider ?? ''] ?? 'libc',
    locale: database?.locale ?? null,
    owner: database?.owner ?? '',
    databaseBytes: Number(database?.bytes),
  }
}

async function systemIdentifier(session: Session): Promise<string | null> {
  const [right] = await session.query(`
    SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE') AS granted`)
  if (right?.granted !== 't') return null
  const [control] = await session.query(`SELECT system_identifier FROM pg_catalog.pg_control_system()`)
  return control?.system_identifier ?? null
}

/** Every database of the server that the role may connect to and that holds somebody's data. */
export async function listDatabases(session: Session): Promise<string[]> {
  const rows = await session.query(`
    SELECT datname FROM pg_catalog.pg_database
    WHERE datallowconn AND NOT datistemplate AND pg_catalog.has_database_privilege(oid, 'CONNECT')
      AND datname NOT IN ('rdsadmin', 'azure_maintenance', 'azure_sys', 'cloudsqladmin')
    ORDER BY datname`)
  return rows.map((row) => row.datname ?? '')
}
