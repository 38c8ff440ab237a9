import { LifeboatError } from '../errors.ts'
import type { PostgresManifest } from '../catalog/manifest.ts'
import { identifier, literal } from './identifier.ts'
import type { Session } from './session.ts'
import type { Server } from './server.ts'
import type { TargetDatabase } from './target-database.ts'

/** PostgreSQL cuts a longer name, and two could become one. */
const LONGEST_NAME = 63

/** Three names: what it is called, where the copy grows, and where the old one goes. */
export interface CutOverNames {
  readonly database: string
  readonly copy: string
  readonly previous: string
}

/** `stamp` is digits and `T`, `Z`: 16 characters. */
export function cutOverNames(database: string, stamp: string): CutOverNames {
  const room = LONGEST_NAME - '_restored_'.length - stamp.length
  const short = shortened(database, room)
  return { database, copy: `${short}_restored_${stamp}`, previous: `${short}_before_${stamp}` }
}

/** Why the restored database can't take the place of the old one; empty where it can. */
export function obstacles({ role, server }: TargetDatabase): string[] {
  return [
    ...(server.standby ? ['the server is a standby'] : []),
    ...(role.createDatabase ? [] : [`the role ${role.name} may not create databases (CREATEDB)`]),
    ...(role.ownsDatabase
      ? []
      : [`the database belongs to ${server.owner}, and ${role.name} is no member of it`]),
  ]
}

/** The statements, each to be run on its own, in another database than these two. */
export function cutOverStatements({ database, copy, previous }: CutOverNames): string[] {
  const [now, then, next] = [identifier(database), identifier(previous), identifier(copy)]
  return [
    `ALTER DATABASE ${now} WITH ALLOW_CONNECTIONS false;`,
    `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ${literal(database)};`,
    `BEGIN; ALTER DATABASE ${now} RENAME TO ${then}; ALTER DATABASE ${next} RENAME TO ${now}; COMMIT;`,
    `ALTER DATABASE ${then} WITH ALLOW_CONNECTIONS true;`,
  ]
}

/** A new database with the encoding and locale of the one that was backed up, from nothing (template0). */
export async function createCopy(
  session: Session,
  name: string,
  like: PostgresManifest['server'] | Server,
  major: number,
): Promise<void> {
  const provider =
    like.localeProvider === 'icu'
      ? ` LOCALE_PROVIDER icu ICU_LOCALE ${literal(like.locale ?? 'und')}`
      : like.localeProvider === 'builtin'
        ? ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(like.locale ?? 'C.UTF-8')}`
        : major >= 15
          ? ' LOCALE_PROVIDER libc'
          : ''
  try {
    await session.query(
      `CREATE DATABASE ${identifier(name)} TEMPLATE template0 ENCODING ${literal(like.encoding)} ` +
        `LC_COLLATE ${literal(like.collate)} LC_CTYPE ${literal(like.ctype)}${provider}`,
    )
  } catch (cause) {
    throw new LifeboatError('platform', `The database "${name}" could not be made beside the old one.`, {
      hint: `The server may lack the locale ${like.collate}, or the role a right. The old database was not touched.`,
      cause,
    })
  }
}

/** How long sessions that were told to end may take, in looks; each look waits for one in the server. */
const LOOKS = 40

/**
 * Puts the copy in the place of the old database, which keeps its rows under its dated name. Both renames are one
 * transaction: there is no moment without a database that cannot be undone. Whatever fails, the old one takes connections
 * again. Throws `privilege` where its sessions cannot be ended.
 */
export async function cutOver(session: Session, names: CutOverNames): Promise<void> {
  const { database, copy, previous } = names
  const now = identifier(database)
  await session.query(`ALTER DATABASE ${now} WITH ALLOW_CONNECTIONS false`)
  try {
    await endSessions(session, database)
    await session.query('BEGIN')
    await session.query(`ALTER DATABASE ${now} RENAME TO ${identifier(previous)}`)
    await session.query(`ALTER DATABASE ${identifier(copy)} RENAME TO ${now}`)
    await session.query('COMMIT')
  } catch (cause) {
    await session.query('ROLLBACK')
    await session.query(`ALTER DATABASE ${now} WITH ALLOW_CONNECTIONS true`)
    throw new LifeboatError(
      'privilege',
      `The restored database could not take the place of "${database}", which goes on as before.`,
      {
        hint: `It is ready as "${copy}". Run as somebody who may, in the database postgres: ${cutOverStatements(names).join(' ')}`,
        cause,
      },
    )
  }
  await session.query(`ALTER DATABASE ${identifier(previous)} WITH ALLOW_CONNECTIONS true`)
}

async function endSessions(session: Session, database: string): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    const rows = await session.query(
      `SELECT pid, pg_catalog.pg_terminate_backend(pid) AS told FROM pg_catalog.pg_stat_activity
       WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()`,
      [database],
    )
    if (rows.length === 0) return
    // The server waits, not we: it sees them go.
    await session.query('SELECT pg_catalog.pg_sleep(0.25)')
  }
  throw new LifeboatError('connection', `Sessions in "${database}" do not end.`)
}

function shortened(name: string, bytes: number): string {
  let short = name
  while (Buffer.byteLength(short) > bytes) short = Array.from(short).slice(0, -1).join('')
  return short
}
