import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { catalog, type NamedBackups } from '../../../src/catalog/listing.ts'
import type { Verdict } from '../../../src/catalog/names.ts'
import { DEAD_AFTER_MS, NO_KEEP, type RetentionPolicy } from '../../../src/retention/policy.ts'
import { planRetention, type RetentionPlan } from '../../../src/retention/plan.ts'
import { listing, type BackupSketch } from '../../support/catalog-listing.ts'

const NOW = new Date('2026-11-23T06:00:00Z')
const DAY = 86_400_000
const MINUTE = 60_000

const sketch: fc.Arbitrary<BackupSketch> = fc.record({
  name: fc.constantFrom('app', 'app', 'app', 'app_staging', 'a/../b'),
  // Days apart mostly, some in the same hour, some of tomorrow.
  time: fc
    .oneof(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -2000, max: 60 * 24 * 90 }))
    .map((minutes) => new Date(NOW.getTime() - minutes * MINUTE)),
  committed: fc.constantFrom(true, true, true, false),
  verdicts: fc.oneof(
    fc.constant<Verdict[]>(['ok']),
    fc.array(fc.constantFrom<Verdict>('ok', 'partial', 'failed'), { maxLength: 3 }),
  ),
  activity: fc.integer({ min: 0, max: 20 }).map((days) => new Date(NOW.getTime() - days * DAY)),
})
const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 }))
const policy: fc.Arbitrary<RetentionPolicy> = fc.record({
  keep: fc.record({ last: count, hourly: count, daily: count, weekly: count, monthly: count, yearly: count }),
  days: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  minKeep: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })),
  guards: fc.record({
    maxAgeMs: fc.integer({ min: 1, max: 20 * 24 * 60 }).map((minutes) => minutes * MINUTE),
    maxDelete: fc.constantFrom(0.1, 0.5, 0.9, 1),
  }),
})
const sketches = fc.oneof(
  fc.array(sketch, { maxLength: 12 }),
  fc.array(sketch, { minLength: 20, maxLength: 60 }),
)

interface Planned {
  readonly found: NamedBackups
  readonly plan: RetentionPlan
}

function plans(
  all: readonly BackupSketch[],
  rules: RetentionPolicy,
  confirmed: ReadonlySet<string> = new Set(),
): Planned[] {
  return catalog(listing('db/', all), 'db/').names.map((found) => ({
    found,
    plan: planRetention(found, rules, { now: NOW, confirmed, uploads: [] }),
  }))
}

const removedOf = ({ plan }: Planned) =>
  plan.decisions.filter(({ stays }) => !stays).map(({ backup }) => backup)
const keptOf = ({ plan }: Planned) => plan.decisions.filter(({ stays }) => stays).map(({ backup }) => backup)
const isPast = ({ time }: { time: Date }) => time <= NOW

function always(holds: (planned: Planned, rules: RetentionPolicy) => void): void {
  fc.assert(
    fc.property(sketches, policy, (all, rules) => {
      for (const planned of plans(all, rules, new Set(['app']))) holds(planned, rules)
    }),
    { numRuns: 400 },
  )
}

describe('Whatever the catalog and the policy, retention', () => {
  it('does remove backups in these very catalogs', () => {
    const removed = fc.sample(fc.tuple(sketches, policy), { numRuns: 400, seed: 1 }).map(([all, rules]) =>
      plans(all, rules, new Set(['app']))
        .map(removedOf)
        .flat(),
    )
    expect(removed.filter(({ length }) => length > 0).length).toBeGreaterThan(20)
  })

  it('never removes the newest verified backup', () => {
    always((planned) => {
      const verified = planned.found.backups.filter(({ verification }) => verification === 'ok')
      for (const newest of [verified[0], verified.find(isPast)])
        if (newest) expect(keptOf(planned)).toContain(newest)
    })
  })

  it('never removes the newest committed backup', () => {
    always((planned) => {
      const { backups } = planned.found
      for (const newest of [backups[0], backups.find(isPast)])
        if (newest) expect(keptOf(planned)).toContain(newest)
    })
  })

  it('never goes below min-keep, counting verified backups only once anything was verified', () => {
    always((planned, { minKeep }) => {
      const past = planned.found.backups.filter(isPast)
      if (!past.some(({ verification }) => verification !== 'none')) return
      const left = keptOf(planned).filter((backup) => isPast(backup) && backup.verification === 'ok')
      if (removedOf(planned).length > 0) expect(left.length).toBeGreaterThanOrEqual(minKeep)
    })
  })

  it('never goes below seven backups, nor below min-keep, while nothing was ever verified', () => {
    fc.assert(
      fc.property(sketches, policy, (all, rules) => {
        const unverified = all.map((each) => ({ ...each, verdicts: [] }))
        for (const planned of plans(unverified, rules, new Set(['app']))) {
          const left = keptOf(planned).filter(isPast).length
          if (removedOf(planned).length > 0) expect(left).toBeGreaterThanOrEqual(Math.max(7, rules.minKeep))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never removes anything once the newest good backup is older than max-age, and refuses', () => {
    always((planned, { guards }) => {
      const newest = planned.found.backups.find(
        (backup) => isPast(backup) && backup.verification !== 'failed',
      )
      const stopped = !newest || NOW.getTime() - newest.time.getTime() > guards.maxAgeMs
      const isNew =
        planned.found.backups.length === 0 && planned.plan.attempts.every(({ state }) => state === 'alive')
      if (!isNew) expect(planned.plan.refusal?.guard === 'max-age').toBe(stopped)
      if (!stopped) return
      expect(removedOf(planned)).toEqual([])
      for (const { state } of planned.plan.attempts) expect(['alive', 'lost-manifest']).toContain(state)
    })
  })

  it('never removes more than max-delete of a name without its confirmation', () => {
    fc.assert(
      fc.property(sketches, policy, (all, rules) => {
        for (const planned of plans(all, rules, new Set(['a/../b']))) {
          const total = planned.found.backups.filter(isPast).length
          if (planned.found.name === 'a/../b') expect(planned.plan.refusal?.guard).not.toBe('max-delete')
          else expect(removedOf(planned).length).toBeLessThanOrEqual(total * rules.guards.maxDelete)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('never lets a backup that is dated in the future stand in for another', () => {
    fc.assert(
      fc.property(sketches, policy, (all, rules) => {
        const numbered = all.map((each, number) => ({ ...each, number }))
        const past = plans(numbered.filter(isPast), rules)
        for (const { found, plan } of plans(numbered, rules)) {
          const without = past.find((each) => each.found.name === found.name)
          const ids = plan.decisions.filter(({ backup }) => isPast(backup)).map(verdict)
          expect(ids).toEqual((without?.plan.decisions ?? []).map(verdict))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('never lets a backup whose verification failed fill a slot', () => {
    always((planned) => {
      for (const { backup, reasons } of planned.plan.decisions) {
        const slots = reasons.filter(({ kind }) => kind === 'slot' || kind === 'min-keep')
        if (backup.verification === 'failed') expect(slots).toEqual([])
      }
    })
  })

  it("never lets a neighbour's backups change what it decides of a name", () => {
    fc.assert(
      fc.property(sketches, policy, (all, rules) => {
        const numbered = all.map((each, number) => ({ ...each, number }))
        for (const { found, plan } of plans(numbered, rules)) {
          const [alone] = plans(
            numbered.filter(({ name }) => name === found.name),
            rules,
          )
          expect(plan).toEqual(alone?.plan)
          for (const { backup } of plan.decisions) expect(backup.name).toBe(found.name)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('never removes an attempt in which something happened in the last seven days, or that was verified', () => {
    always(({ plan }) => {
      for (const { attempt, state } of plan.attempts) {
        if (attempt.recorded) expect(state).toBe('lost-manifest')
        else if (NOW.getTime() - attempt.lastActivity.getTime() <= DEAD_AFTER_MS) expect(state).toBe('alive')
      }
    })
  })

  it('always says why', () => {
    always(({ found, plan }) => {
      expect(plan.decisions.map(({ backup }) => backup)).toEqual(found.backups)
      for (const { reasons } of plan.decisions) expect(reasons.length).toBeGreaterThan(0)
    })
  })

  it('keeps at least as much under a policy that asks for more', () => {
    fc.assert(
      fc.property(sketches, policy, fc.constantFrom(...Object.keys(NO_KEEP)), (all, rules, rule) => {
        const more = { ...rules, keep: { ...rules.keep, [rule]: 5 } }
        const confirmed = new Set(['app', 'app_staging', 'a/../b'])
        const before = plans(all, rules, confirmed).flatMap(keptOf)
        const after = new Set(
          plans(all, more, confirmed)
            .flatMap(keptOf)
            .map(({ id }) => id),
        )
        for (const { id } of before) expect(after).toContain(id)
      }),
      { numRuns: 200 },
    )
  })
})

function verdict({ backup, stays, reasons }: RetentionPlan['decisions'][number]) {
  return { id: backup.id, stays, kinds: reasons.map(({ kind }) => kind) }
}
