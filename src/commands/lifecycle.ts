import type { Catalog } from '../catalog/listing.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { longestSpanDays, type RetentionPolicy } from '../retention/policy.ts'
import { planLifecycle } from '../storage/lifecycle-plan.ts'
import type { BucketRule, LifecycleStore } from '../storage/lifecycle-store.ts'
import { findThreats, tooEager, type Threat } from '../storage/lifecycle-threat.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { readCatalog } from './read-catalog.ts'

/** A rule takes nothing that the policy keeps, and this many days later for what runs late. */
const MARGIN_DAYS = 15

export interface LifecycleSettings {
  readonly prefix: string
  readonly policy: RetentionPolicy
  readonly expireDays: number | undefined
  readonly dryRun: boolean
}

export interface LifecycleSurroundings {
  readonly store: PrunableStore & LifecycleStore
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface LifecycleOutcome {
  /** As the bucket had them. */
  readonly before: readonly BucketRule[]
  /** As it has them now, or, in a dry run, would have them. */
  readonly after: readonly BucketRule[]
  readonly changes: readonly string[]
  readonly applied: boolean
  /** What rules take of what must not go, soonest first. */
  readonly threats: readonly Threat[]
  /** Rules that take sooner what the policy keeps. */
  readonly eager: readonly BucketRule[]
}

/**
 * Reads the bucket's rules, merges ours into them, and writes them back where that changes anything. Throws `input`
 * before anything is asked where `expireDays` is shorter than what the policy keeps, `store` where the store has no such
 * rules or lost some.
 */
export async function lifecycle(
  { prefix, policy, expireDays, dryRun }: LifecycleSettings,
  { store, log, signal }: LifecycleSurroundings,
): Promise<LifecycleOutcome> {
  refuseShort(policy, expireDays)
  const before = await store.lifecycle()
  if (before === undefined) throw unsupported(store.description)
  const plan = planLifecycle(before, { prefix, ...(expireDays !== undefined && { expireDays }) })
  for (const change of plan.changes) log.info(`${dryRun ? 'Would be changed' : 'Changed'}: ${change}`)
  const applied = !dryRun && plan.changes.length > 0
  if (applied) {
    signal.throwIfAborted()
    await store.replaceLifecycle(plan.rules)
    assertTaken(plan.rules, await store.lifecycle(), store.description)
  }
  const catalog: Catalog = await readCatalog(store, { prefix, name: undefined }, signal)
  const threats = findThreats(plan.rules, catalog).sort((a, b) => a.at.getTime() - b.at.getTime())
  const eager = tooEager(plan.rules, prefix, longestSpanDays(policy))
  return { before, after: plan.rules, changes: plan.changes, applied, threats, eager }
}

function refuseShort(policy: RetentionPolicy, expireDays: number | undefined): void {
  const least = longestSpanDays(policy) + MARGIN_DAYS
  if (expireDays === undefined || expireDays >= least) return
  throw new LifeboatError(
    'input',
    `expire-days: ${expireDays} is too short; the policy keeps backups that are older.`,
    {
      hint:
        `Write at least ${least}: the longest span that the policy keeps and ${MARGIN_DAYS} days more. Or leave ` +
        'expire-days out: prune removes what nobody needs, and knows what is proved.',
    },
  )
}

/** The whole configuration was replaced: whoever else wrote at the same moment must not have lost a rule unnoticed. */
function assertTaken(
  wanted: readonly BucketRule[],
  found: readonly BucketRule[] | undefined,
  description: string,
): void {
  const rest = (found ?? []).map(essence)
  const lost = wanted.filter((rule) => !rest.includes(essence(rule)))
  if (lost.length === 0) return
  throw new LifeboatError(
    'store',
    `${description}: the lifecycle rules were written, but ${lost.map(({ id }) => `"${id}"`).join(', ')} did not stay as written.`,
    {
      hint: 'Does something else write them at the same time? Look at the rules of the bucket and run this again.',
    },
  )
}

function essence({ id, enabled, prefix, expireDays, expireDate, abortDays }: BucketRule): string {
  return JSON.stringify([id, enabled, prefix, expireDays, expireDate?.getTime(), abortDays])
}

function unsupported(description: string): LifeboatError {
  return new LifeboatError('store', `${description} has no lifecycle rules, or not through S3.`, {
    hint: 'Set a rule that aborts unfinished uploads in the administration of the store, if it has one; prune removes them too.',
  })
}
