import { CONTENTS_FORMAT, type Contents } from './contents.ts'
import { fingerprintLargeObjects, fingerprintTable, type FingerprintDepth } from './fingerprint.ts'
import { takeInventory } from './inventory.ts'
import { readSequences, sequenceIntervals, type SequenceValue } from './sequences.ts'
import type { Session } from './session.ts'
import type { MeasuredTable } from './tables.ts'

/** What `session` sees, but for the sequences: they need a second look, after the dump. */
export type SnapshotContents = Omit<Contents, 'sequences'>

/** `tables` are those whose rows the dump carries. */
export async function readContents(
  session: Session,
  tables: readonly MeasuredTable[],
  fingerprint: FingerprintDepth,
): Promise<SnapshotContents> {
  const rows: Contents['tables'][number][] = []
  for (const table of tables) rows.push(await fingerprintTable(session, table, fingerprint))
  return {
    format: CONTENTS_FORMAT,
    fingerprint,
    tables: rows,
    largeObjects: await fingerprintLargeObjects(session, fingerprint),
    ...(await takeInventory(session)),
  }
}

/** Completes the contents when the dump has ended; `before` was read before it began. */
export async function withSequences(
  contents: SnapshotContents,
  before: readonly SequenceValue[],
  session: Session,
): Promise<Contents> {
  return { ...contents, sequences: sequenceIntervals(before, await readSequences(session)) }
}
