import { CONTENTS_FORMAT, type Contents } from './contents.ts'
import { fingerprintLargeObjects, fingerprintTables, type FingerprintDepth } from './fingerprint.ts'
import { takeInventory } from './inventory.ts'
import type { Session } from './session.ts'
import type { MeasuredTable } from './tables.ts'

/** What `session` sees, but for the sequences: they are looked at before the dump and after it. */
export type SnapshotContents = Omit<Contents, 'sequences'>

/** `tables` are those whose rows the dump carries. */
export async function readContents(
  session: Session,
  tables: readonly MeasuredTable[],
  fingerprint: FingerprintDepth,
): Promise<SnapshotContents> {
  return {
    format: CONTENTS_FORMAT,
    fingerprint,
    tables: await fingerprintTables(session, tables, fingerprint),
    largeObjects: await fingerprintLargeObjects(session, fingerprint),
    ...(await takeInventory(session)),
  }
}
