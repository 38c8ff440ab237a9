import { REMOVING_FILE } from '../../src/catalog/files.ts'
import type { ListedObject } from '../../src/catalog/listing.ts'
import {
  backupFolder,
  backupId,
  encodeName,
  MANIFEST_FILE,
  verificationFile,
  type Verdict,
} from '../../src/catalog/names.ts'

/** A backup as a test thinks of it. */
export interface BackupSketch {
  readonly name?: string
  readonly time: Date
  /** Without a manifest it is an attempt. */
  readonly committed?: boolean
  /** Of its manifest. */
  readonly format?: number
  /** A prune has begun to remove it. */
  readonly removing?: boolean
  /** In the order in which they were made, an hour apart. */
  readonly verdicts?: readonly Verdict[]
  /** When its newest object was stored, where that is not the snapshot's time. */
  readonly activity?: Date
  /** Tells backups of one second apart. */
  readonly number?: number
}

const HOUR = 3_600_000

/** The objects that such a backup has in a listing, in the order of keys. */
export function listed(prefix: string, sketch: BackupSketch): ListedObject[] {
  const { name = 'app', time, committed = true, format = 1, removing = false } = sketch
  const { verdicts = [], number = 0 } = sketch
  const id = backupId(time, number.toString(16).padStart(6, '0'))
  const files = [
    `${encodeName(name)}.contents.json.xz.age`,
    `${encodeName(name)}.dump.xz.age`,
    ...(committed ? [format === 1 ? MANIFEST_FILE : `manifest-${format}.json`] : []),
    ...(removing ? [REMOVING_FILE] : []),
    ...verdicts.map((verdict, index) =>
      verificationFile(new Date(time.getTime() + (index + 1) * HOUR), verdict),
    ),
  ]
  const lastModified = sketch.activity ?? time
  return files
    .sort()
    .map((file) => ({ key: `${backupFolder(prefix, name, id)}${file}`, size: 100, lastModified }))
}

export function listing(prefix: string, sketches: readonly BackupSketch[]): ListedObject[] {
  return sketches
    .flatMap((sketch, index) => listed(prefix, { number: index, ...sketch }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}
