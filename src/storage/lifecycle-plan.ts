import { createHash } from 'node:crypto'
import { LifeboatError } from '../errors.ts'
import type { BucketRule } from './lifecycle-store.ts'

/** An upload in which nothing is written for days is dead; the store counts from its begin. */
export const ABORT_DAYS = 7

/** AWS and R2 take no more. */
const MOST_RULES = 1_000

export interface LifecycleWish {
  /** Empty, or ending in `/`. */
  readonly prefix: string
  /** Absent: nothing expires by a rule of ours. */
  readonly expireDays?: number
}

export interface LifecyclePlan {
  /** Everything that the bucket should have, foreign rules as they are. */
  readonly rules: readonly BucketRule[]
  /** What that changes, in sentences; empty: nothing. */
  readonly changes: readonly string[]
}

/**
 * Merges the one rule that a prefix has of ours with what the bucket has already: it aborts unfinished uploads, always,
 * and lets objects expire where that is asked for. Throws `guard` where the bucket has no room for it.
 */
export function planLifecycle(existing: readonly BucketRule[], wish: LifecycleWish): LifecyclePlan {
  const id = ownRuleId(wish.prefix)
  const wanted: BucketRule = {
    id,
    enabled: true,
    prefix: wish.prefix,
    narrowed: false,
    abortDays: ABORT_DAYS,
    ...(wish.expireDays !== undefined && { expireDays: wish.expireDays }),
  }
  const ours = existing.find((rule) => rule.id === id)
  const changes = ours ? differences(ours, wanted) : [`adds the rule "${id}": ${describeRule(wanted)}`]
  if (changes.length === 0) return { rules: existing, changes }
  const rules = ours ? existing.map((rule) => (rule === ours ? wanted : rule)) : [...existing, wanted]
  if (rules.length > MOST_RULES) {
    throw new LifeboatError(
      'guard',
      `The bucket has ${existing.length} lifecycle rules; one more is not possible.`,
      {
        hint: 'Remove rules that nobody needs.',
      },
    )
  }
  return { rules, changes }
}

/** `lifeboat db/`: how our rule for a prefix is called, at most 255 characters long. */
export function ownRuleId(prefix: string): string {
  const id = `lifeboat ${prefix === '' ? '/' : prefix}`
  if (/^[\x20-\x7e]{1,200}$/.test(id)) return id
  return `lifeboat ${createHash('sha256').update(prefix).digest('hex')}`
}

/** What a rule does, in a sentence's end. */
export function describeRule(rule: BucketRule): string {
  const where = rule.prefix === '' ? 'everything' : `everything under ${rule.prefix}`
  const parts = [
    ...(rule.abortDays === undefined ? [] : [`aborts unfinished uploads after ${rule.abortDays} days`]),
    ...(rule.expireDays === undefined ? [] : [`removes objects after ${rule.expireDays} days`]),
    ...(rule.expireDate === undefined
      ? []
      : [`removes objects on ${rule.expireDate.toISOString().slice(0, 10)}`]),
  ]
  const what = parts.length > 0 ? parts.join(' and ') : 'does nothing that Lifeboat knows of'
  return `${where}${rule.narrowed ? ' that has certain tags or sizes' : ''}: ${what}${rule.enabled ? '' : ' (switched off)'}`
}

function differences(ours: BucketRule, wanted: BucketRule): string[] {
  const same =
    ours.enabled === wanted.enabled &&
    ours.prefix === wanted.prefix &&
    !ours.narrowed &&
    ours.abortDays === wanted.abortDays &&
    ours.expireDays === wanted.expireDays &&
    ours.expireDate === undefined
  return same
    ? []
    : [`changes the rule "${wanted.id}" from "${describeRule(ours)}" to "${describeRule(wanted)}"`]
}
