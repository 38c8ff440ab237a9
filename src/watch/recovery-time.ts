import type { Breach } from '../catalog/breach.ts'
import type { MeasuredRestore, Remark, WatchedName, WatchTargets } from '../catalog/watched.ts'
import { median } from './robust.ts'

/** The last restore whose time was taken, against the target. Where none was, nothing is said. */
export function judgeRecoveryTime(
  { name, restores }: Pick<WatchedName, 'name' | 'restores'>,
  { rtoMs }: WatchTargets,
): Breach[] {
  const [last] = restores
  if (!last || last.seconds * 1000 <= rtoMs) return []
  return [{ kind: 'slow-restore', name, id: last.id, tookMs: last.seconds * 1000, limitMs: rtoMs }]
}

/** Of fewer nobody can say what is usual. */
const LEAST_BEFORE = 3

/** What the restores before the last usually took, in seconds; undefined where there are too few. Newest first. */
export function usualRecoveryTime([, ...before]: readonly MeasuredRestore[]): number | undefined {
  return before.length < LEAST_BEFORE ? undefined : median(before.map(({ seconds }) => seconds))
}

/** By so much a restore takes longer than those before it. */
const RISING = 1.5
/** Shorter ones vary by themselves. */
const WORTH_A_WORD_SECONDS = 30

/** The last restore, where it took much longer than those before it usually did: the target may be missed soon. */
export function risingRecoveryTime(restores: readonly MeasuredRestore[]): Remark[] {
  const [last] = restores
  const usual = usualRecoveryTime(restores)
  if (!last || usual === undefined || last.seconds < WORTH_A_WORD_SECONDS) return []
  const factor = last.seconds / usual
  return factor > RISING && Number.isFinite(factor) ? [{ what: 'restore', id: last.id, factor }] : []
}
