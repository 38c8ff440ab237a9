import type { RestoreOutcome } from '../catalog/restorer.ts'
import type { Finding } from '../catalog/verification.ts'
import { setDatabaseItself } from './apply-globals.ts'
import { compareGlobals, NONE_SUCH } from './compare-globals.ts'
import type { Filled } from './fill-database.ts'
import { databaseItself } from './inventory.ts'
import type { Session } from './session.ts'

export interface Settled {
  readonly outcome: RestoreOutcome
  /** Owner or grants could not be set: people might be locked out. */
  readonly locksOut: boolean
}

/**
 * The last act of a restore: gives the database its settings, grants, comment and owner, from another database, and
 * compares them. Where the server refuses some that is told, and nothing is compared; what else stands at a database that
 * was there before (`isNew` is false) is somebody else's.
 */
export async function settleDatabase(
  outside: Session,
  { outcome, statements, expected }: Filled,
  database: string,
  { isNew }: { readonly isNew: boolean },
): Promise<Settled> {
  if (statements.length === 0) return { outcome, locksOut: false }
  const refused = await setDatabaseItself(outside, statements, database)
  const withNotes: RestoreOutcome = {
    ...outcome,
    notes: [...outcome.notes, ...refused.map(({ what, reason }) => `Not set: ${what} (${reason})`)],
  }
  const locksOut = refused.some(({ what }) => /^(GRANT|REVOKE|ALTER DATABASE .* OWNER TO) /s.test(what))
  if (expected === undefined || refused.length > 0) return { outcome: withNotes, locksOut }
  const { differences } = compareGlobals(expected, await databaseItself(outside, database), statements)
  const ours = differences.filter((each) => isNew || each.expected !== NONE_SUCH)
  return { outcome: withDifferences(withNotes, ours), locksOut }
}

function withDifferences(outcome: RestoreOutcome, differences: readonly Finding[]): RestoreOutcome {
  if (differences.length === 0) return outcome
  const { comparison } = outcome
  const of = `${differences.length} of the database's own settings and grants are not what they were.`
  return {
    ...outcome,
    comparison: {
      outcome: 'different',
      summary: comparison.outcome === 'different' ? `${comparison.summary} ${of}` : of,
      findings: [...comparison.findings, ...differences],
    },
  }
}
