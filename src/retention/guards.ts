import type { ListedBackup } from '../catalog/listing.ts'
import { isFuture } from './floor.ts'
import type { Guards } from './policy.ts'

/** Why nothing of a name is removed in this run; the step is red. */
export interface Refusal {
  readonly guard: 'max-age' | 'max-delete'
  /** What is wrong, in a sentence. */
  readonly message: string
  /** What to do. */
  readonly hint: string
}

/**
 * Backups that have stopped must not be pruned to nothing. Neither a backup whose verification failed counts as one
 * that arrived, nor one that is dated in the future. Where there was never any backup, the same holds.
 */
export function refuseStopped(
  name: string,
  backups: readonly ListedBackup[],
  { maxAgeMs }: Guards,
  now: Date,
): Refusal | undefined {
  const newest = backups.find((backup) => backup.verification !== 'failed' && !isFuture(backup, now))
  const limit = days(maxAgeMs)
  if (newest === undefined) {
    return {
      guard: 'max-age',
      message: `"${name}" has no backup that counts, so nothing of it is removed.`,
      hint: 'Look why its backups fail, or fail to verify. If the name is no longer in use, remove its folder by hand.',
    }
  }
  const age = now.getTime() - newest.time.getTime()
  if (age <= maxAgeMs) return undefined
  return {
    guard: 'max-age',
    message:
      `The newest good backup of "${name}" (${newest.id}) is ${days(age)} old, more than max-age (${limit}): ` +
      'backups have stopped, so nothing of it is removed.',
    hint:
      'Look at the runs of the backup job. If backups are meant to be this rare, raise max-age: guards: max-age=10d. ' +
      'If the name is no longer in use, remove its folder by hand.',
  }
}

/** A run that would remove most of a name's backups is more likely a mistyped policy than what somebody wants. */
export function refuseTooMany(
  name: string,
  { removed, total }: { readonly removed: number; readonly total: number },
  { maxDelete }: Guards,
  confirmed: ReadonlySet<string>,
): Refusal | undefined {
  if (removed <= total * maxDelete || confirmed.has(name)) return undefined
  const limit = Number((maxDelete * 100).toFixed(1))
  return {
    guard: 'max-delete',
    message:
      `The policy would remove ${removed} of the ${total} backups of "${name}", more than max-delete (${limit} %), ` +
      'so nothing of it is removed.',
    hint: `Look at the table of reasons. If it is what you want, run once with confirm: ${name}`,
  }
}

/** `3 days`, `2.5 days`. */
function days(milliseconds: number): string {
  const count = Number((milliseconds / 86_400_000).toFixed(1))
  return `${count} ${count === 1 ? 'day' : 'days'}`
}
