import type { Breach } from '../catalog/breach.ts'
import type { Catalog } from '../catalog/listing.ts'
import { floor } from '../retention/floor.ts'
import { longestSpanDays, type RetentionPolicy } from '../retention/policy.ts'
import { describeRule, ownRuleId, planLifecycle } from '../storage/lifecycle-plan.ts'
import type { BucketRule } from '../storage/lifecycle-store.ts'
import { ALARM_MS, findThreats, tooEager } from '../storage/lifecycle-threat.ts'

/**
 * What the store's own rules will do against the policy: take what it keeps, or, within a week, what `min-keep` holds.
 * Whether our own rule is as it was set is asked where there is one, or `expireDays` says what it should be.
 */
export function judgeLifecycle(
  rules: readonly BucketRule[],
  catalog: Catalog,
  {
    policy,
    expireDays,
    now,
  }: { readonly policy: RetentionPolicy; readonly expireDays: number | undefined; readonly now: Date },
): Breach[] {
  const { prefix } = catalog
  const keepsDays = longestSpanDays(policy)
  return [
    ...threats(rules, catalog, policy, now),
    ...drift(rules, prefix, expireDays).map((change): Breach => ({ kind: 'lifecycle-drift', change })),
    ...tooEager(rules, prefix, keepsDays).map((rule): Breach => {
      return { kind: 'lifecycle-eager', rule: `${rule.id || '(no id)'}: ${describeRule(rule)}`, keepsDays }
    }),
  ]
}

/** Of each name the first of the backups that the floor holds and that a rule takes within a week. */
function threats(
  rules: readonly BucketRule[],
  { names, ...rest }: Catalog,
  { minKeep }: RetentionPolicy,
  now: Date,
): Breach[] {
  return names.flatMap((named): Breach[] => {
    const held = [...floor(named.backups, minKeep, now).reasons.keys()]
    const [first] = held
      .flatMap((backup) => findThreats(rules, { ...rest, names: [{ ...named, backups: [backup] }] }))
      .filter(({ at }) => at.getTime() - now.getTime() <= ALARM_MS)
      .sort((a, b) => a.at.getTime() - b.at.getTime())
    if (!first) return []
    const { name, id, rule, at, verified } = first
    return [{ kind: 'lifecycle-threat', name, id, rule: rule.id || '(no id)', at, verified }]
  })
}

function drift(
  rules: readonly BucketRule[],
  prefix: string,
  expireDays: number | undefined,
): readonly string[] {
  const ours = rules.find(({ id }) => id === ownRuleId(prefix))
  const wanted = expireDays ?? ours?.expireDays
  if (!ours && wanted === undefined) return []
  return planLifecycle(rules, { prefix, ...(wanted !== undefined && { expireDays: wanted }) }).changes
}
