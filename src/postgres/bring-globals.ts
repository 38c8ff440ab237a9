import type { Log } from '../catalog/ports.ts'
import type { RestoreFailure } from '../catalog/restorer.ts'
import { unreadStatements, type GlobalStatement } from './globals-statements.ts'
import type { Session } from './session.ts'
import type { TargetDatabase } from './target-database.ts'

export interface BroughtGlobals {
  /** Roles that were made. */
  readonly made: readonly string[]
  /** Of those, the ones that log in and have no password. */
  readonly needPassword: readonly string[]
  /** What the server did not let us do. */
  readonly refused: readonly RestoreFailure[]
}

type RoleStatement = Exclude<GlobalStatement, { kind: 'database' | 'unread' }>

/**
 * Makes the roles of a backup that the server lacks, with their settings and memberships. Roles that are there stay as
 * they are: they belong to everything else on that server too. No role becomes a superuser, and none gets a right that
 * reaches beyond its database, unless a superuser asks for the restore.
 */
export async function bringRoles(
  session: Session,
  statements: readonly GlobalStatement[],
  { target, log }: { target: TargetDatabase; log: Log },
): Promise<BroughtGlobals> {
  const there = new Set(target.roles)
  const ofRoles = statements.filter(
    (each): each is RoleStatement => each.kind !== 'database' && each.kind !== 'unread',
  )
  const missing = new Set(
    ofRoles.filter(({ kind, role }) => kind === 'create-role' && !there.has(role)).map(({ role }) => role),
  )
  const made: string[] = []
  const needPassword: string[] = []
  const refused = unreadStatements(statements).map((what): RestoreFailure => ({ what, reason: UNREAD }))
  for (const statement of ofRoles) {
    const { role } = statement
    // A membership concerns a new role on either side; all else only new ones.
    const isNew = missing.has(role) || (statement.kind === 'membership' && missing.has(statement.member))
    if (!isNew) continue
    try {
      await session.query(statement.sql)
      if (statement.kind !== 'create-role') continue
      made.push(role)
      if (/ LOGIN\b/.test(statement.sql)) needPassword.push(role)
    } catch (error) {
      refused.push({ what: `${statement.kind} ${role}`, reason: messageOf(error) })
    }
  }
  if (made.length > 0) log.info(`Made ${made.length} roles that the server lacked: ${made.join(', ')}.`)
  return { made, needPassword, refused }
}

const UNREAD = 'a statement of no known kind, which was not executed'

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error)
}
