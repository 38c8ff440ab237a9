import type { ListedBackup } from '../catalog/listing.ts'
import { UNVERIFIED_MIN_KEEP } from './policy.ts'
import type { Counting, KeepReason } from './reason.ts'

export interface Floor {
  /** Why backups stay whatever the rules say. */
  readonly reasons: ReadonlyMap<ListedBackup, readonly KeepReason[]>
  /** Holds for every backup; undefined where there are enough. */
  readonly all: KeepReason | undefined
  readonly counting: Counting
  /** How many have to stay. */
  readonly least: number
}

/**
 * What no policy takes away: the newest backup, the newest verified one, what is dated in the future (a clock went
 * wrong: nobody knows what it is), and `minKeep` backups. Only verified ones count towards that once there was any
 * verification; before, seven stay at least. Where fewer than that are there, nothing goes.
 *
 * `backups` are the committed ones, newest first.
 */
export function floor(backups: readonly ListedBackup[], minKeep: number, now: Date): Floor {
  const reasons = new Map<ListedBackup, KeepReason[]>()
  const hold = (backup: ListedBackup | undefined, reason: KeepReason): void => {
    if (backup) reasons.set(backup, [...(reasons.get(backup) ?? []), reason])
  }
  const past = backups.filter((backup) => !isFuture(backup, now))
  const verified = past.filter(({ verification }) => verification === 'ok')
  const counting: Counting = past.some(({ verification }) => verification !== 'none') ? 'verified' : 'all'
  const least = counting === 'verified' ? minKeep : Math.max(minKeep, UNVERIFIED_MIN_KEEP)
  const counted = counting === 'verified' ? verified : past

  for (const backup of backups) if (isFuture(backup, now)) hold(backup, { kind: 'future' })
  hold(past[0], { kind: 'newest' })
  hold(verified[0], { kind: 'newest-verified' })
  for (const backup of counted.slice(0, least)) hold(backup, { kind: 'min-keep', count: least, counting })
  const found = counted.length
  const all: KeepReason | undefined =
    found < least && past.length > 0 ? { kind: 'too-few', found, count: least, counting } : undefined
  return { reasons, all, counting, least }
}

export function isFuture({ time }: ListedBackup, now: Date): boolean {
  return time.getTime() > now.getTime()
}
