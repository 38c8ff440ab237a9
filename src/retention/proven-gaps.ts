import type { ListedBackup } from '../catalog/listing.ts'
import { isFuture } from './floor.ts'
import type { RetentionPolicy } from './policy.ts'
import { bucketBegin, SLOT_RULES } from './slots.ts'

const DAY_MS = 86_400_000

export interface ProvenGap {
  readonly from: Date
  readonly to: Date
  /** At least so many milliseconds without a backup. */
  readonly ms: number
}

/**
 * How long there was surely no backup between each two that are left. What the policy removed in between was one, and
 * nobody can see it any more: so a gap counts only as far as the policy would have kept what was made in it. `backups`
 * are committed, newest first; a failed one closes no gap.
 */
export function provenGaps(
  backups: readonly ListedBackup[],
  { keep, days }: RetentionPolicy,
  now: Date,
): ProvenGap[] {
  const good = backups.filter((backup) => backup.verification !== 'failed' && !isFuture(backup, now))
  const filled = new Map(SLOT_RULES.map((rule) => [rule, { slots: 0, begin: Number.NaN }]))
  return good.flatMap((later, index): ProvenGap[] => {
    const to = later.time.getTime()
    const from = good[index + 1]?.time.getTime()
    /** From here to `later` nothing can have been removed. */
    let since = to
    if (days !== undefined) since = Math.min(since, now.getTime() - days * DAY_MS)
    if (index + 1 < keep.last) since = Number.NEGATIVE_INFINITY
    for (const rule of SLOT_RULES) {
      const slot = filled.get(rule)
      const begin = bucketBegin(rule, later.time)
      if (!slot) continue
      if (slot.begin !== begin) filled.set(rule, { slots: slot.slots + 1, begin })
    }
    if (from === undefined) return []
    // Before the period that `later` is in, the newest of each period would have filled a slot, while there are some.
    const gaps = [
      to - Math.max(from, since),
      ...SLOT_RULES.flatMap((rule) => {
        const slot = filled.get(rule)
        return slot && slot.slots < keep[rule] ? [slot.begin - from] : []
      }),
    ]
    const ms = Math.max(0, ...gaps)
    return ms === 0 ? [] : [{ from: new Date(from), to: later.time, ms }]
  })
}
