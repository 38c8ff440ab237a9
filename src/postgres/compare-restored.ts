import type { Comparison } from '../catalog/restorer.ts'
import { compareContents } from './compare-contents.ts'
import type { Connection } from './connection.ts'
import type { Contents } from './contents.ts'
import { findContents } from './find-contents.ts'
import { countKind } from './restore-steps.ts'
import { sqlState } from './session.ts'
import type { TocEntry } from './table-of-contents.ts'

/** What is said of an archive that came without a fingerprint. */
export function nothingToCompare(): Comparison {
  const summary = 'NOT MEASURED: the archive came without a fingerprint, so nobody knows what it should hold.'
  return { outcome: 'not-measured', summary, findings: [] }
}

/** Compares a database that was restored for real with what the snapshot held, or, of a part, the tables that it has. */
export async function compareRestored(
  connection: Connection,
  expected: Contents,
  options: {
    readonly entries: readonly TocEntry[]
    /** Everything was restored, and nothing else is there. */
    readonly whole: boolean
    readonly standby: boolean
    readonly sessions: number
    readonly signal: AbortSignal
  },
): Promise<Comparison> {
  const { entries, whole } = options
  const restored = new Set(entries.map(({ schema, name }) => JSON.stringify([schema, name])))
  const isRestored = ({ schema, name }: { schema: string; name: string }): boolean =>
    whole || restored.has(JSON.stringify([schema, name]))
  const all = await readable(() => findContents(connection, expected, options))
  if (typeof all === 'string') return { outcome: 'not-measured', summary: all, findings: [] }
  const wanted: Contents = {
    ...expected,
    tables: expected.tables.filter(isRestored),
    sequences: expected.sequences.filter(isRestored),
    ...(!whole && { objects: [], extensions: [], largeObjects: NO_LARGE_OBJECTS }),
  }
  const found = {
    ...all,
    tables: all.tables.filter(isRestored),
    sequences: all.sequences.filter(isRestored),
    ...(!whole && { objects: [], extensions: [], largeObjects: NO_LARGE_OBJECTS }),
  }
  const { differences } = compareContents(wanted, found, { inArchive: (kind) => countKind(entries, kind) })
  const rows = found.tables.reduce((sum, table) => sum + (table.rows ?? 0), 0)
  const counted = `${found.tables.length} tables${expected.fingerprint === 'none' ? '' : `, ${rows} rows`}`
  if (differences.length > 0) {
    return {
      outcome: 'different',
      summary: `${differences.length} differences to what the snapshot held (${counted}).`,
      findings: differences,
    }
  }
  const how = { digest: 'rows and digests', counts: 'numbers of rows', none: 'structure' }[
    expected.fingerprint
  ]
  return {
    outcome: expected.fingerprint === 'digest' ? 'equal' : 'not-measured',
    summary: `${counted}: equal to what the snapshot held (${how}).`,
    findings: [],
  }
}

const INSUFFICIENT_PRIVILEGE = '42501'

/** A role that is no superuser does not see every row of a table with row security that is forced on its owner. */
async function readable<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read()
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error
    return `NOT MEASURED: the role may not read all that it restored (${String(error)}). Compare as a superuser, or with BYPASSRLS.`
  }
}

const NO_LARGE_OBJECTS: Contents['largeObjects'] = { objects: 0, bytes: null, digest: null }
