import { isRestorable } from '../catalog/choose.ts'
import type { Catalog, NewerBackup } from '../catalog/listing.ts'
import type { BackupId } from '../catalog/names.ts'
import type { Clock } from '../catalog/ports.ts'
import { verificationState, type VerificationState } from '../catalog/verification-state.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { readCatalog, type Place } from './read-catalog.ts'

/** A backup that can be restored: committed, and no prune has begun to remove it. */
export interface RestorableBackup {
  readonly id: BackupId
  /** The snapshot's. */
  readonly time: Date
  /** Milliseconds between the snapshot and now. */
  readonly ageMs: number
  /** As stored, all files together. */
  readonly bytes: number
  readonly verification: VerificationState | undefined
}

/** What there is to restore of one name, newest first. */
export interface RestorableName {
  readonly name: string
  readonly backups: readonly RestorableBackup[]
  /** Folders without a manifest, which are no backups. */
  readonly attempts: number
  /** Backups that a prune has begun to remove: `restore` refuses them. */
  readonly removing: number
  /** Backups of a format that this version does not know, newest first. */
  readonly newer: readonly NewerBackup[]
}

export interface Listed {
  readonly names: readonly RestorableName[]
  /** Objects under the prefix that are not ours. */
  readonly foreign: number
}

export interface ListSurroundings {
  readonly store: PrunableStore
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Asks the store for nothing but its listing, so that it works with a key that may only list. */
export async function list(place: Place, { store, clock, signal }: ListSurroundings): Promise<Listed> {
  return restorable(await readCatalog(store, place, signal), clock.now())
}

/** What of a catalog can be restored, which is what `chooseBackup` takes, whatever a verification says of it. */
export function restorable({ names, foreign }: Catalog, now: Date): Listed {
  return {
    names: names.map(({ name, backups, attempts, newer }) => ({
      name,
      backups: backups.filter(isRestorable).map(({ id, time, bytes, files }) => ({
        id,
        time,
        ageMs: now.getTime() - time.getTime(),
        bytes,
        verification: verificationState(files),
      })),
      attempts: attempts.length,
      removing: backups.filter(({ removing }) => removing).length,
      newer,
    })),
    foreign,
  }
}
