import type { PostgresManifest } from '../catalog/manifest.ts'
import { LifeboatError } from '../errors.ts'
import { inDatabase, type Connection } from './connection.ts'
import type { Contents } from './contents.ts'
import { identifier, literal } from './identifier.ts'
import { openSession, sqlState, type Session } from './session.ts'

/** An empty database, and the role without superuser rights that everything is restored as. */
export interface RestoreTarget extends AsyncDisposable {
  /** As who may do everything, in another database: nobody who may do everything enters this one again. */
  readonly administrator: Connection
  /** As the owner of what is restored. */
  readonly owner: Connection
  /** Whether roles were made such that owners and grants can be restored. */
  readonly owners: boolean
}

export interface TargetOptions {
  /** Somebody who may create databases and roles, in any database of the server. */
  readonly administrator: Connection
  readonly database: string
  readonly ownerRole: string
  readonly ownerPassword: string
  readonly server: PostgresManifest['server']
  /** Every role that the archive may name. Those that are missing are made, without any right. */
  readonly roles: readonly string[]
  /** The server's roles are ours: owners and grants are restored. Else the roles that were made are dropped again. */
  readonly ownRoles: boolean
  readonly major: number
  readonly signal: AbortSignal
  /** Makes what only a superuser may make there. His session ends before anybody else's begins. */
  readonly furnish: (inside: Session) => Promise<void>
}

/**
 * Makes an empty database with the source's encoding and locale, owned by a role of its own that is no superuser.
 * Disposing of it drops both, unless the whole server goes (`ownRoles`). Throws `platform` where the server lacks the locale.
 */
export async function createTarget(options: TargetOptions): Promise<RestoreTarget> {
  const { administrator, database, signal, ownRoles } = options
  const made: string[] = []
  const target = {
    administrator,
    owner: {
      ...inDatabase(administrator, database),
      user: options.ownerRole,
      password: options.ownerPassword,
    },
    owners: ownRoles,
    [Symbol.asyncDispose]: () => dropTarget(options, made),
  }
  try {
    await using session = await openSession(administrator, signal)
    await createOwner(session, options)
    await createRoles(session, options, made)
    await createDatabase(session, options)
    // A role may own a schema only where it may create one.
    await session.query(`GRANT ALL ON DATABASE ${identifier(database)} TO PUBLIC`)
    await using inside = await openSession(inDatabase(administrator, database), signal)
    await openSchemas(inside, options.ownerRole)
    await options.furnish(inside)
    return target
  } catch (error) {
    await dropTarget(options, made)
    throw error
  }
}

/** The extensions of a backup that `session`'s server does not have, each as `name version`. */
export async function missingExtensions(session: Session, wanted: Contents['extensions']): Promise<string[]> {
  const rows = await session.query('SELECT DISTINCT name FROM pg_catalog.pg_available_extensions')
  const known = new Set(rows.map(({ name }) => name))
  return wanted.filter(({ name }) => !known.has(name)).map(({ name, version }) => `${name} ${version}`)
}

/** Throws `platform` that names all extensions that are missing, with what to do. */
export function refuseMissingExtensions(missing: readonly string[], major: number): void {
  if (missing.length === 0) return
  throw new LifeboatError(
    'platform',
    `The server lacks extensions that the backup needs: ${missing.join(', ')}.`,
    {
      hint:
        `Give the job a service container whose image has them (for example postgis/postgis:${major}-3.5 or ` +
        `pgvector/pgvector:pg${major}) and hand it over as target-database-url, or install their packages before this step.`,
    },
  )
}

async function createOwner(
  session: Session,
  { ownerRole, ownerPassword, major }: TargetOptions,
): Promise<void> {
  const role = identifier(ownerRole)
  await session.query(
    `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS INHERIT PASSWORD ${literal(ownerPassword)}`,
  )
  // What pg_restore complains of is judged by its words.
  await session.query(`ALTER ROLE ${role} SET lc_messages = 'C'`)
  // It reads everything in the end, whoever owns it.
  if (major >= 14) await session.query(`GRANT pg_read_all_data TO ${role}`)
  if (major >= 15) await session.query(`GRANT SET ON PARAMETER session_replication_role TO ${role}`)
}

/** Empty: they may own and be granted something, and that is all. Whoever is there already is not touched. */
async function createRoles(
  session: Session,
  { roles, ownRoles, ownerRole }: TargetOptions,
  made: string[],
): Promise<void> {
  for (const role of new Set(roles)) {
    if (role.startsWith('pg_') || role === '') continue
    const [found] = await session.query(
      'SELECT rolsuper AS super FROM pg_catalog.pg_roles WHERE rolname = $1',
      [role],
    )
    if (found === undefined) {
      await session.query(`CREATE ROLE ${identifier(role)} NOLOGIN`)
      made.push(role)
    }
    // Whoever made the archive chose the names: one of them may be the superuser's.
    if (ownRoles && found?.super !== 't')
      await session.query(`GRANT ${identifier(role)} TO ${identifier(ownerRole)}`)
  }
}

async function createDatabase(
  session: Session,
  { database, server, ownerRole, major }: TargetOptions,
): Promise<void> {
  const provider =
    server.localeProvider === 'icu'
      ? ` LOCALE_PROVIDER icu ICU_LOCALE ${literal(server.locale ?? 'und')}`
      : server.localeProvider === 'builtin'
        ? ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(server.locale ?? 'C.UTF-8')}`
        : major >= 15
          ? ' LOCALE_PROVIDER libc'
          : ''
  try {
    await session.query(
      `CREATE DATABASE ${identifier(database)} OWNER ${identifier(ownerRole)} TEMPLATE template0 ` +
        `ENCODING ${literal(server.encoding)} LC_COLLATE ${literal(server.collate)} LC_CTYPE ${literal(server.ctype)}${provider}`,
    )
  } catch (cause) {
    const INVALID = ['42809', '22023']
    if (!INVALID.includes(sqlState(cause))) throw cause
    throw new LifeboatError(
      'platform',
      `The server cannot make a database with the source's locale (${server.encoding}, ${server.collate}).`,
      {
        hint: `Make the locale on this machine first: sudo locale-gen ${server.collate} (Debian: package locales), or give a service container as target-database-url.`,
        cause,
      },
    )
  }
}

/** Who is to own a table has to be allowed to create one there; a dump grants that only at its end. */
async function openSchemas(session: Session, ownerRole: string): Promise<void> {
  await session.query('GRANT ALL ON SCHEMA public TO PUBLIC')
  await session.query(
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(ownerRole)} GRANT ALL ON SCHEMAS TO PUBLIC`,
  )
}

async function dropTarget(
  { administrator, database, ownerRole, major, ownRoles }: TargetOptions,
  made: readonly string[],
): Promise<void> {
  if (ownRoles) return
  // A cancelled run has to clean up too.
  await using session = await openSession(administrator, new AbortController().signal)
  const force = major >= 13 ? ' WITH (FORCE)' : ''
  await session.query(`DROP DATABASE IF EXISTS ${identifier(database)}${force}`)
  for (const name of made) await session.query(`DROP ROLE IF EXISTS ${identifier(name)}`)
  const [role] = await session.query('SELECT 1 AS found FROM pg_catalog.pg_roles WHERE rolname = $1', [
    ownerRole,
  ])
  if (!role) return
  if (major >= 15)
    await session.query(`REVOKE SET ON PARAMETER session_replication_role FROM ${identifier(ownerRole)}`)
  await session.query(`DROP ROLE IF EXISTS ${identifier(ownerRole)}`)
}
