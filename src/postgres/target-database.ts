import { statfs } from 'node:fs/promises'
import { LifeboatError } from '../errors.ts'
import type { Connection } from './connection.ts'
import { literal } from './identifier.ts'
import { takeInventory } from './inventory.ts'
import { describeServer, type Server } from './server.ts'
import type { Session } from './session.ts'

/** The database that somebody wants a backup in, as it was found. */
export interface TargetDatabase {
  readonly server: Server
  /** Who we are there. */
  readonly role: {
    readonly name: string
    readonly superuser: boolean
    readonly createRole: boolean
    readonly createDatabase: boolean
    /** The role is the database's owner, or may act as it. */
    readonly ownsDatabase: boolean
    readonly mayEndSessions: boolean
  }
  /** Every role of the server. */
  readonly roles: readonly string[]
  readonly extensions: readonly string[]
  /** What is in it already: `12 table in public`; empty where it is empty. */
  readonly holds: readonly string[]
}

export async function lookAtTarget(session: Session): Promise<TargetDatabase> {
  const server = await describeServer(session)
  const [role] = await session.query(`
    SELECT r.rolname AS name, r.rolsuper AS super, r.rolcreaterole AS createrole, r.rolcreatedb AS createdb,
           pg_catalog.pg_has_role(d.datdba, 'USAGE') AS owns,
           r.rolsuper OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AS signals
    FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
    WHERE r.rolname = current_user AND d.datname = pg_catalog.current_database()`)
  const roles = await session.query('SELECT rolname FROM pg_catalog.pg_roles ORDER BY rolname')
  const inventory = await takeInventory(session)
  return {
    server,
    role: {
      name: role?.name ?? '',
      superuser: role?.super === 't',
      createRole: role?.super === 't' || role?.createrole === 't',
      createDatabase: role?.super === 't' || role?.createdb === 't',
      ownsDatabase: role?.owns === 't',
      mayEndSessions: role?.signals === 't',
    },
    roles: roles.map(({ rolname }) => rolname ?? ''),
    extensions: inventory.extensions.map(({ name }) => name),
    holds: inventory.objects.map(
      ({ class: kind, schema, count }) => `${count} ${kind}${schema === '' ? '' : ` in ${schema}`}`,
    ),
  }
}

/** Throws `input` where the database is not the confirmed one, or not empty. */
export function assertEmpty({ holds }: TargetDatabase, { database }: Connection): void {
  if (holds.length === 0) return
  const shown = holds.slice(0, 8).join(', ')
  throw new LifeboatError(
    'input',
    `The database "${database}" is not empty: ${shown}${holds.length > 8 ? ', …' : ''}.`,
    {
      hint:
        'Make an empty one (CREATE DATABASE … TEMPLATE template0) and give it as target-database-url and confirm. Or ' +
        'set clean: true: the backup is then restored beside this one and takes its place, and this one keeps its rows under another name.',
    },
  )
}

/**
 * Bytes that the server's disk has room for; undefined where that cannot be seen from here: only a server on this very
 * machine shows its disk, and only to whoever may know where its data is.
 */
export async function freeOnServer(session: Session, { host }: Connection): Promise<number | undefined> {
  if (!host.startsWith('/') && !['localhost', '127.0.0.1', '::1'].includes(host)) return undefined
  const [row] = await session.query(
    `SELECT setting FROM pg_catalog.pg_settings WHERE name = ${literal('data_directory')}`,
  )
  if (row?.setting == null) return undefined
  try {
    const { bavail, bsize } = await statfs(row.setting)
    return bavail * bsize
  } catch {
    // In a container, or another user's: not to be seen is an answer.
    return undefined
  }
}
