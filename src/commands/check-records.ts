import { createHash } from 'node:crypto'
import type { ListedBackup } from '../catalog/listing.ts'
import { MOST_MANIFEST_BYTES } from '../catalog/manifest.ts'
import { MANIFEST_FILE, parseVerificationFile, type BackupId } from '../catalog/names.ts'
import { notOfBackup } from '../catalog/own-record.ts'
import { MOST_RECORD_BYTES, parseVerification } from '../catalog/verification.ts'
import type { MeasuredRestore } from '../catalog/watched.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { readBeginning } from './read-beginning.ts'
import { sideBySide } from './side-by-side.ts'

const AT_A_TIME = 8

/** A record that stands beside a backup and is not of it. */
export interface ForeignRecord {
  readonly id: BackupId
  readonly file: string
  /** The end of a sentence that begins with the file's name. */
  readonly what: string
}

export interface ReadRecords {
  /** Those that took the time of a restore, newest first. */
  readonly restores: readonly MeasuredRestore[]
  readonly foreign: readonly ForeignRecord[]
}

interface Around {
  readonly store: Pick<ObjectStore, 'read'>
  readonly signal: AbortSignal
  /** SHA-256 of the manifests that were read already. */
  readonly manifests: ReadonlyMap<BackupId, string>
}

/**
 * Reads the newest `most` records, of whichever backups, and those on which the proof of the newest backups rests. Each is
 * held against the manifest that stands beside it now.
 */
export async function readRecords(
  folder: string,
  backups: readonly ListedBackup[],
  most: number,
  { store, signal, manifests }: Around,
): Promise<ReadRecords> {
  const hashes = new Map<BackupId, Promise<string | undefined>>()
  const hashOf = (id: BackupId): Promise<string | undefined> => {
    const known = manifests.get(id)
    const hash = hashes.get(id) ?? (known === undefined ? readHash(id) : Promise.resolve(known))
    hashes.set(id, hash)
    return hash
  }
  const readHash = async (id: BackupId): Promise<string | undefined> => {
    const bytes = await readBeginning(store, `${folder}${id}/${MANIFEST_FILE}`, MOST_MANIFEST_BYTES)
    return bytes && createHash('sha256').update(bytes).digest('hex')
  }
  const foreign: ForeignRecord[] = []
  const restores = await sideBySide(chosen(backups, most), AT_A_TIME, async ({ id, file, time }) => {
    signal.throwIfAborted()
    const bytes = await readBeginning(store, `${folder}${id}/${file}`, MOST_RECORD_BYTES)
    const manifestSha256 = await hashOf(id)
    // Gone in the meantime: somebody prunes.
    if (bytes === undefined || manifestSha256 === undefined) return []
    const what = notOfBackup(bytes, file, { id, manifestSha256 })
    if (what !== undefined) {
      foreign.push({ id, file, what })
      return []
    }
    const record = parseVerification(bytes)
    return record?.rtoSeconds == null
      ? []
      : [{ id, time, verdict: record.verdict, seconds: record.rtoSeconds }]
  })
  return {
    restores: restores.flat().sort((a, b) => b.time.getTime() - a.time.getTime()),
    foreign: foreign.sort((a, b) => (`${a.id}${a.file}` < `${b.id}${b.file}` ? 1 : -1)),
  }
}

interface FoundRecord {
  readonly id: BackupId
  readonly file: string
  readonly time: Date
  readonly proves: boolean
}

function chosen(backups: readonly ListedBackup[], most: number): readonly FoundRecord[] {
  const all = backups.flatMap(({ id, files }) =>
    files.flatMap((file): FoundRecord[] => {
      const parsed = parseVerificationFile(file)
      return parsed ? [{ id, file, time: parsed.time, proves: parsed.verdict === 'ok' }] : []
    }),
  )
  const newest = [...all].sort((a, b) => b.time.getTime() - a.time.getTime()).slice(0, most)
  // `backups` come newest first, and so do their records here.
  const proofs = all.filter(({ proves }) => proves).slice(0, most)
  return [...new Set([...newest, ...proofs])]
}
