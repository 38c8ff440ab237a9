import type { ListedBackup } from '../catalog/listing.ts'
import type { KeepReason } from './reason.ts'
import { KEEP_RULES, type KeepCounts, type KeepRule } from './policy.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The rules that keep one backup of each period. */
export const SLOT_RULES = KEEP_RULES.filter((rule) => rule !== 'last')

/**
 * Which rules keep which backup, as `restic forget` would say it: from the newest on, a backup that is the first of
 * its hour, day, ISO week, month or year fills one of the rule's slots, until they are used up; hours and days without
 * a backup use none. All in UTC. `backups` come newest first; what is not in the answer no rule keeps.
 */
export function fillSlots(
  backups: readonly ListedBackup[],
  keep: KeepCounts,
): ReadonlyMap<ListedBackup, readonly KeepReason[]> {
  const kept = new Map<ListedBackup, KeepReason[]>()
  for (const rule of KEEP_RULES) {
    const count = keep[rule]
    let filled = 0
    let before: number | undefined
    for (const [index, backup] of backups.entries()) {
      if (filled >= count) break
      const bucket = rule === 'last' ? index : bucketOf(rule, backup.time)
      if (bucket === before) continue
      before = bucket
      filled += 1
      const reason: KeepReason = {
        kind: 'slot',
        rule,
        slot: rule === 'last' ? '' : slotOf(rule, backup.time),
        place: filled,
        of: count,
      }
      const reasons = kept.get(backup)
      if (reasons) reasons.push(reason)
      else kept.set(backup, [reason])
    }
  }
  return kept
}

/** The name of the hour, day, ISO week, month or year: `2026-11-22 02h`, `2026-11-22`, `2026-W47`, `2026-11`, `2026`. */
export function slotOf(rule: Exclude<KeepRule, 'last'>, time: Date): string {
  const text = time.toISOString()
  switch (rule) {
    case 'hourly':
      return `${text.slice(0, 10)} ${text.slice(11, 13)}h`
    case 'daily':
      return text.slice(0, 10)
    case 'weekly':
      return isoWeek(time)
    case 'monthly':
      return text.slice(0, 7)
    case 'yearly':
      return text.slice(0, 4)
  }
}

/** A number that all moments of the same hour, day, week, month or year share, and no others. */
function bucketOf(rule: Exclude<KeepRule, 'last'>, time: Date): number {
  switch (rule) {
    case 'hourly':
      return Math.floor(time.getTime() / HOUR_MS)
    case 'daily':
      return dayOf(time)
    case 'weekly':
      return thursdayOf(dayOf(time))
    case 'monthly':
      return time.getUTCFullYear() * 12 + time.getUTCMonth()
    case 'yearly':
      return time.getUTCFullYear()
  }
}

/** When the hour, day, ISO week, month or year began that `time` is in, in milliseconds. */
export function bucketBegin(rule: Exclude<KeepRule, 'last'>, time: Date): number {
  switch (rule) {
    case 'hourly':
      return bucketOf(rule, time) * HOUR_MS
    case 'daily':
      return bucketOf(rule, time) * DAY_MS
    case 'weekly':
      // Three days before its Thursday.
      return (bucketOf(rule, time) - 3) * DAY_MS
    case 'monthly':
      return Date.UTC(time.getUTCFullYear(), time.getUTCMonth())
    case 'yearly':
      return Date.UTC(time.getUTCFullYear(), 0)
  }
}

/** A week belongs to the year that its Thursday is in. */
function isoWeek(time: Date): string {
  const thursday = thursdayOf(dayOf(time))
  const year = new Date(thursday * DAY_MS).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1) / DAY_MS) / 7) + 1
  return `${year}-W${week.toString().padStart(2, '0')}`
}

/** Days since the first of January 1970, which was a Thursday. */
function dayOf(time: Date): number {
  return Math.floor(time.getTime() / DAY_MS)
}

/** The Thursday of the week, from Monday to Sunday, that the day is in. */
function thursdayOf(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7) + 3
}
