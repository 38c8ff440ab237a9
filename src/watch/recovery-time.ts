import type { Breach } from '../catalog/breach.ts'
import type { MeasuredRestore, WatchedName, WatchTargets } from '../catalog/watched.ts'
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

/** By so much a restore takes longer than those before it. */
const RISING = 1.5
const LEAST_BEFORE = 3
/** Shorter ones vary by themselves. */
const WORTH_A_WORD_SECONDS = 30

/** How much longer the last restore took than those before it usually did: `1.8` times; undefined: it did not. */
export function risingRecoveryTime([last, ...before]: readonly MeasuredRestore[]): number | undefined {
  if (!last || before.length < LEAST_BEFORE || last.seconds < WORTH_A_WORD_SECONDS) return undefined
  const factor = last.seconds / median(before.map(({ seconds }) => seconds))
  return factor > RISING && Number.isFinite(factor) ? factor : undefined
}
