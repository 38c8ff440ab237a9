import type { RungReport } from '../catalog/verification.ts'
import { compareContents, type FoundContents } from './compare-contents.ts'
import type { Contents } from './contents.ts'
import { findContents, sequencesBehind } from './find-contents.ts'
import type { RestoredCopy } from './prove-restore.ts'
import { countKind } from './restore-steps.ts'
import type { Restored } from './restore-archive.ts'
import { openSession } from './session.ts'

export interface ComparedCopy {
  readonly report: RungReport
  readonly found: FoundContents
  /** How many tables were compared, and how many rows they have; null where rows were not counted. */
  readonly tables: number
  readonly rows: number | null
}

/** The rung `equal`: the restored copy against the snapshot's fingerprint, table by table. */
export async function compareWithSnapshot(
  { target, restored, contents }: RestoredCopy,
  { standby, jobs, signal }: { standby: boolean; jobs: number; signal: AbortSignal },
): Promise<ComparedCopy> {
  const found = await findContents(target.owner, contents, { standby, sessions: jobs, signal })
  const isPartial = restored.refused.length + restored.consequences.length > 0
  const expected = withoutUnrestored(contents, restored)
  const rows = compareContents(expected, withoutUnrestored(found, restored), {
    inArchive: (kind) => countKind(restored.entries, kind),
    isPartial,
  })
  await using session = await openSession(target.owner, signal)
  const behind = await sequencesBehind(session)
  const { differences } = rows
  const compared = expected.tables
  const total = compared.reduce((sum, table) => sum + (table.rows ?? 0), 0)
  const isCounted = compared.every((table) => table.rows !== null)
  const warnings = [
    ...rows.warnings,
    ...behind.map(
      (name) => `Sequence ${name} stands behind its column's highest value, as it did in the source.`,
    ),
  ]
  const measured: Readonly<Record<Contents['fingerprint'], string>> = {
    digest: `${compared.length} tables with ${total} rows equal the snapshot, by digest.`,
    counts: `${compared.length} tables have the snapshot's ${total} rows; their contents were not fingerprinted.`,
    none: `${compared.length} tables are there; the backup has no fingerprint of rows.`,
  }
  const without = contents.tables.length - compared.length
  const isMeasured = contents.fingerprint === 'digest' && !isPartial
  const report: RungReport = {
    outcome: differences.length > 0 ? 'failed' : isMeasured ? 'passed' : 'not-measured',
    summary:
      differences.length > 0
        ? `${differences.length} differences from the snapshot.`
        : measured[contents.fingerprint] +
          (isPartial ? ` What could not be restored was not compared (tables: ${without}).` : ''),
    findings: differences,
    warnings,
    notes: rows.notes,
  }
  return { report, found, tables: compared.length, rows: isCounted ? total : null }
}

/** Without the tables and sequences that could not be restored: nobody knows what they would have held. */
function withoutUnrestored<
  T extends Pick<FoundContents, 'tables'> & { readonly sequences: readonly Named[] },
>(contents: T, { refused, consequences }: Pick<Restored, 'refused' | 'consequences'>): T {
  const missing = new Set([...refused, ...consequences].flatMap(({ entry }) => (entry ? [keyOf(entry)] : [])))
  if (missing.size === 0) return contents
  const isThere = (named: Named): boolean => !missing.has(keyOf(named))
  return {
    ...contents,
    tables: contents.tables.filter(isThere),
    sequences: contents.sequences.filter(isThere),
  }
}

interface Named {
  readonly schema: string
  readonly name: string
}

function keyOf({ schema, name }: Named): string {
  return JSON.stringify([schema, name])
}
