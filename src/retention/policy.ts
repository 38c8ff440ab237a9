/** How many backups of each kind stay, in restic's meaning; 0: the rule is not used. */
export interface KeepCounts {
  readonly last: number
  readonly hourly: number
  readonly daily: number
  readonly weekly: number
  readonly monthly: number
  readonly yearly: number
}

export type KeepRule = keyof KeepCounts

export const KEEP_RULES: readonly KeepRule[] = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly']

/** What stays of one name's backups. A backup stays if any rule keeps it. */
export interface RetentionPolicy {
  readonly keep: KeepCounts
  /** Everything younger than so many days of 24 hours stays; undefined: age keeps nothing. */
  readonly days: number | undefined
  /** The least number of backups that stay. */
  readonly minKeep: number
  readonly guards: Guards
}

export interface Guards {
  /** With a newest backup older than this, in milliseconds, nothing goes: backups have stopped. */
  readonly maxAgeMs: number
  /** The largest fraction of a name's backups that one run removes. */
  readonly maxDelete: number
}

export const NO_KEEP: KeepCounts = { last: 0, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 }

/** While nothing was ever verified, at least so many backups stay. */
export const UNVERIFIED_MIN_KEEP = 7

/** An attempt, or an upload, in which nothing has happened for so long is dead, in milliseconds. */
export const DEAD_AFTER_MS = 7 * 86_400_000

/** The most that the clocks of store and runner may differ, in milliseconds. */
export const MAX_SKEW_MS = 5 * 60_000

/** `last=7 daily=30, and 30 days`: the policy as somebody would say it. */
export function describePolicy({ keep, days, minKeep }: RetentionPolicy): string {
  const counts = KEEP_RULES.filter((rule) => keep[rule] > 0).map((rule) => `${rule}=${keep[rule]}`)
  const parts = [
    ...(counts.length > 0 ? [counts.join(' ')] : []),
    ...(days === undefined ? [] : [`everything of the last ${days} days`]),
    `min-keep=${minKeep}`,
  ]
  return parts.join(', ')
}

const DAYS: Readonly<Record<KeepRule, number>> = {
  // One backup a day is what is reckoned with where only their number is said.
  last: 1,
  hourly: 1 / 24,
  daily: 1,
  weekly: 7,
  monthly: 31,
  yearly: 366,
}

/** The longest span that the policy keeps, in days, reckoned with one backup a day. */
export function longestSpanDays({ keep, days, minKeep }: RetentionPolicy): number {
  const spans = KEEP_RULES.map((rule) => Math.ceil(keep[rule] * DAYS[rule]))
  return Math.max(days ?? 0, minKeep, UNVERIFIED_MIN_KEEP, ...spans)
}
