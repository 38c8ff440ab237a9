import { describe, expect, it } from '@jest/globals'
import { catalog } from '../../../src/catalog/listing.ts'
import { ownRuleId, planLifecycle } from '../../../src/storage/lifecycle-plan.ts'
import type { BucketRule } from '../../../src/storage/lifecycle-store.ts'
import { findThreats, tooEager } from '../../../src/storage/lifecycle-threat.ts'
import { listing } from '../../support/catalog-listing.ts'

const DAY = 86_400_000
const NOW = new Date('2026-11-23T06:00:00Z')
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY)

function rule(about: Partial<BucketRule>): BucketRule {
  return { id: 'theirs', enabled: true, prefix: '', narrowed: false, original: {}, ...about }
}

describe('The plan of lifecycle rules', () => {
  it('adds one rule of ours and keeps all others as they are', () => {
    const theirs = [rule({ prefix: 'logs/', expireDays: 3 }), rule({ id: '', abortDays: 1 })]
    const { rules, changes } = planLifecycle(theirs, { prefix: 'db/' })
    expect(rules.slice(0, 2)).toEqual(theirs)
    expect(rules.slice(2)).toEqual([
      { id: 'lifeboat db/', enabled: true, prefix: 'db/', narrowed: false, abortDays: 7 },
    ])
    expect(changes).toHaveLength(1)
  })

  it('changes nothing where everything is as it should be', () => {
    const { rules } = planLifecycle([], { prefix: 'db/', expireDays: 60 })
    expect(planLifecycle(rules, { prefix: 'db/', expireDays: 60 })).toEqual({ rules, changes: [] })
  })

  it.each([
    ['expiry is no longer asked for', { expireDays: 60 }],
    ['it was switched off', { enabled: false }],
    ['somebody narrowed it', { narrowed: true }],
    ['somebody gave it another prefix', { prefix: 'other/' }],
    ['somebody gave it a date', { expireDate: NOW }],
    ['it aborts nothing', { abortDays: 30 }],
  ])('puts our rule right where %s', (_why, about) => {
    const ours = rule({ id: 'lifeboat db/', prefix: 'db/', abortDays: 7, ...about })
    const { rules, changes } = planLifecycle([rule({}), ours], { prefix: 'db/' })
    expect(rules).toEqual([
      rule({}),
      { id: 'lifeboat db/', enabled: true, prefix: 'db/', narrowed: false, abortDays: 7 },
    ])
    expect(changes).toHaveLength(1)
  })

  it('has a name for the rule of every prefix, none alike and none too long', () => {
    const prefixes = ['', 'db/', 'db/shop/', 'ä/', 'x'.repeat(399) + '/', 'x'.repeat(398) + 'y/']
    const ids = prefixes.map(ownRuleId)
    expect(new Set(ids).size).toBe(prefixes.length)
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(255)
  })

  it('does not ask for more rules than a bucket can have', () => {
    const many = Array.from({ length: 1000 }, (_, index) => rule({ id: `rule ${index}` }))
    expect(() => planLifecycle(many, { prefix: 'db/' })).toThrow(/has 1000 lifecycle rules/)
  })
})

describe('What a rule will take', () => {
  const found = catalog(
    listing('db/', [
      { name: 'app', time: daysAgo(1) },
      { name: 'app', time: daysAgo(40), verdicts: ['ok'] },
      { name: 'app', time: daysAgo(50), verdicts: ['ok'] },
      { name: 'crm', time: daysAgo(5) },
    ]),
    'db/',
  )

  it('is reckoned for the newest verified backup, and for the newest where none is', () => {
    const threats = findThreats([rule({ expireDays: 45 })], found)
    expect(threats).toMatchObject([
      { name: 'app', verified: true, at: new Date(daysAgo(40).getTime() + 45 * DAY) },
      { name: 'crm', verified: false, at: new Date(daysAgo(5).getTime() + 45 * DAY) },
    ])
  })

  it('is told by the rule that comes first', () => {
    const date = new Date(NOW.getTime() + DAY)
    const rules = [
      rule({ id: 'late', expireDays: 90 }),
      rule({ id: 'date', expireDate: date, prefix: 'db/app/' }),
    ]
    expect(findThreats(rules, found)).toMatchObject([
      { name: 'app', rule: { id: 'date' }, at: date },
      { name: 'crm', rule: { id: 'late' } },
    ])
  })

  it('is nothing where rules are off, elsewhere, or expire nothing', () => {
    const rules = [
      rule({ expireDays: 1, enabled: false }),
      rule({ expireDays: 1, prefix: 'db/ap/' }),
      rule({ expireDays: 1, prefix: 'db/app/2' + 'x' }),
      rule({ abortDays: 1 }),
    ]
    expect(findThreats(rules, found)).toEqual([])
  })

  it('is too soon where a rule over, at or under the prefix is shorter than the policy', () => {
    const rules = ['', 'db/', 'db/app/', 'db_too/'].map((prefix) =>
      rule({ id: prefix, prefix, expireDays: 10 }),
    )
    expect(tooEager(rules, 'db/', 11).map(({ id }) => id)).toEqual(['', 'db/', 'db/app/'])
    expect(tooEager(rules, 'db/', 10)).toEqual([])
  })
})
