import type { RungReport } from '../catalog/verification.ts'
import { setDatabaseItself } from './apply-globals.ts'
import type { Comparison } from './compare-contents.ts'
import { compareGlobals } from './compare-globals.ts'
import { databaseItself } from './inventory.ts'
import type { RestoredCopy } from './prove-restore.ts'
import { openSession } from './session.ts'

/**
 * The last act of a verification, and a part of `equal`: settings, grants, comment and owner of the database are set as
 * they were in the source, and compared, by the superuser in another database. They are the last because of what they
 * may say: a library that is loaded into every session, a limit of no connections.
 */
export async function compareDatabaseItself(
  { target, contents, statements }: RestoredCopy,
  signal: AbortSignal,
): Promise<RungReport> {
  const { administrator, owner, owners } = target
  if (!statements || !owners) {
    return reportOf('The database itself was not compared.', compareGlobals(contents, undefined, statements))
  }
  await using outside = await openSession(administrator, signal)
  // What we granted so that owners could be restored is not the original's, and no REVOKE gives the default back.
  await outside.query('UPDATE pg_catalog.pg_database SET datacl = NULL WHERE datname = $1', [owner.database])
  const refused = await setDatabaseItself(outside, statements, owner.database)
  const found = await databaseItself(outside, owner.database)
  const compared = compareGlobals(contents, found, statements)
  const settings = refused.map(({ what }) => `setting of the database ${settingIn(what)}`)
  const differences = compared.differences.filter(({ what }) => !settings.includes(what))
  const equal = "The database's settings, grants and owner are the source's."
  const report = reportOf(equal, { ...compared, differences })
  if (refused.length === 0 || differences.length > 0) return report
  return {
    ...report,
    // Nobody knows what the server that had them would have made of them.
    outcome: 'not-measured',
    summary: `${refused.length} of the database's own settings and grants cannot be set on this server.`,
    findings: refused.map(({ what, reason }) => ({ what, expected: 'set', found: reason })),
  }
}

/** Its name in a statement that sets it. */
function settingIn(sql: string): string {
  const [, name = ''] = / SET ("(?:[^"]|"")*"(?:\."(?:[^"]|"")*")*)$/.exec(sql) ?? []
  return [...name.matchAll(/"((?:[^"]|"")*)"/g)].map(([, part = '']) => part.replaceAll('""', '"')).join('.')
}

function reportOf(equal: string, { differences, warnings, notes }: Comparison): RungReport {
  const differs = differences.length > 0
  return {
    outcome: differs ? 'failed' : 'passed',
    summary: differs ? `${differences.length} differences of the database itself.` : equal,
    findings: differences,
    warnings,
    notes,
  }
}
