import { inDatabase } from './connection.ts'
import { forDatabase, type GlobalStatement } from './globals-statements.ts'
import type { RestoreTarget } from './restore-target.ts'
import { openSession, type Session } from './session.ts'

/**
 * Gives a restored database the settings, grants, comment and owner that stood at the original. Roles have to be there;
 * nothing else of the globals is executed.
 */
export async function applyDatabaseGlobals(
  session: Session,
  statements: readonly GlobalStatement[],
  database: string,
): Promise<void> {
  const known = await roleNames(session)
  for (const statement of statements) {
    if (statement.kind !== 'database') continue
    // A setting of a role that owns nothing here, and so was not made.
    const role = /^ALTER ROLE "((?:[^"]|"")*)" IN/.exec(statement.before)?.[1]?.replaceAll('""', '"')
    if (role !== undefined && !known.has(role)) continue
    await session.query(forDatabase(statement, database))
  }
}

/** As the superuser of a target of our own. */
export async function applyToTarget(
  target: RestoreTarget,
  statements: readonly GlobalStatement[],
  signal: AbortSignal,
): Promise<void> {
  const { database } = target.owner
  await using session = await openSession(inDatabase(target.superuser, database), signal)
  // What we granted so that owners could be restored is not the original's, and no REVOKE gives the default back.
  await session.query('UPDATE pg_catalog.pg_database SET datacl = NULL WHERE datname = $1', [database])
  await applyDatabaseGlobals(session, statements, database)
}

async function roleNames(session: Session): Promise<Set<string>> {
  const rows = await session.query('SELECT rolname AS name FROM pg_catalog.pg_roles')
  return new Set(rows.map(({ name }) => name ?? ''))
}
