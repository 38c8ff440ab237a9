import type { Breach } from '../catalog/breach.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import {
  WINDOW_MS,
  type Gap,
  type NewestBackup,
  type WatchedName,
  type WatchTargets,
} from '../catalog/watched.ts'

/**
 * The newest backup that counts: one whose verification failed brings nothing back, and one that is dated in the future
 * says nothing of when it was made. `backups` are committed, newest first.
 */
export function newestGood(backups: readonly ListedBackup[], now: Date): NewestBackup | undefined {
  return newestOf(
    backups.filter(({ verification }) => verification !== 'failed'),
    now,
  )
}

/** The newest that is not dated in the future, of committed backups, newest first. */
export function newestOf(
  backups: readonly Pick<ListedBackup, 'id' | 'time'>[],
  now: Date,
): NewestBackup | undefined {
  const found = backups.find((backup) => !isDatedAhead(backup, now))
  return found && { id: found.id, time: found.time, ageMs: Math.max(0, now.getTime() - found.time.getTime()) }
}

/** Clocks of databases and runners differ by less. */
const TOLERANCE_MS = 5 * 60_000

/** A clock went wrong: nobody knows when it was made. */
export function isDatedAhead({ time }: Pick<ListedBackup, 'time'>, now: Date): boolean {
  return time.getTime() > now.getTime() + TOLERANCE_MS
}

/** The longest gap that ended in the last 30 days. */
export function worstGap(gaps: readonly Gap[], now: Date): Gap | undefined {
  return gaps
    .filter(({ to }) => now.getTime() - to.getTime() <= WINDOW_MS)
    .reduce<Gap | undefined>((worst, gap) => (worst && worst.ms >= gap.ms ? worst : gap), undefined)
}

/** What is lost if the database dies now, and what would have been lost at the worst moment of the last 30 days. */
export function judgeRecoveryPoint(
  { name, newest, gap }: Pick<WatchedName, 'name' | 'newest' | 'gap'>,
  { rpoMs, gapMs }: WatchTargets,
  { stoppedMs }: { readonly stoppedMs: number },
): Breach[] {
  if (!newest) return [{ kind: 'nothing', name }]
  const { id, ageMs } = newest
  return [
    ...(ageMs > rpoMs
      ? [{ kind: ageMs > stoppedMs ? 'stopped' : 'late', name, id, ageMs, limitMs: rpoMs } as const]
      : []),
    ...(gap && gap.ms > gapMs
      ? [{ kind: 'gap', name, from: gap.from, to: gap.to, gapMs: gap.ms, limitMs: gapMs } as const]
      : []),
  ]
}
