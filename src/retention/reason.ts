import type { KeepRule } from './policy.ts'

/** Why a backup stays. */
export type KeepReason =
  | {
      readonly kind: 'slot'
      readonly rule: KeepRule
      /** `2026-W47`; empty for `last`. */
      readonly slot: string
      /** The slot's number, from 1. */
      readonly place: number
      readonly of: number
    }
  | { readonly kind: 'days'; readonly days: number }
  | { readonly kind: 'newest' }
  | { readonly kind: 'newest-verified' }
  | { readonly kind: 'future' }
  /** One of the `count` newest that count. */
  | { readonly kind: 'min-keep'; readonly count: number; readonly counting: Counting }
  /** There are so few that count that nothing at all goes. */
  | { readonly kind: 'too-few'; readonly found: number; readonly count: number; readonly counting: Counting }
  /** Something that stops the whole name: see `guards.ts`. */
  | { readonly kind: 'guard' }

/** What counts towards `min-keep`: verified backups, or, as long as nothing was ever verified, all. */
export type Counting = 'verified' | 'all'

/** Why a backup goes. */
export type RemoveReason =
  /** No rule keeps it. */
  | { readonly kind: 'no-rule' }
  /** Its latest verification failed: it fills no slot and counts for nothing. */
  | { readonly kind: 'verification-failed' }

/** A reason in a few words, for a table. */
export function describeReason(reason: KeepReason | RemoveReason): string {
  switch (reason.kind) {
    case 'slot':
      return `${reason.rule} ${reason.place} of ${reason.of}${reason.slot === '' ? '' : ` (${reason.slot})`}`
    case 'days':
      return `younger than ${reason.days} days`
    case 'newest':
      return 'newest backup'
    case 'newest-verified':
      return 'newest verified backup'
    case 'future':
      return 'dated in the future'
    case 'min-keep':
      return `min-keep: among the newest ${reason.count}${reason.counting === 'verified' ? ' verified' : ''}`
    case 'too-few':
      return (
        `min-keep: only ${reason.found} of ${reason.count} ` +
        `${reason.counting === 'verified' ? 'verified backups' : 'backups'}, so nothing goes`
      )
    case 'guard':
      return 'would go, but a guard stops this run'
    case 'no-rule':
      return 'no rule keeps it'
    case 'verification-failed':
      return 'its verification failed: it fills no slot'
  }
}
