import { describe, expect, it } from '@jest/globals'
import { catalog } from '../../../src/catalog/listing.ts'
import { keptThere } from '../../../src/commands/replica-policy.ts'
import { planRetention } from '../../../src/retention/plan.ts'
import { NO_KEEP, type RetentionPolicy } from '../../../src/retention/policy.ts'
import { listing, type BackupSketch } from '../../support/catalog-listing.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const DAY = 86_400_000
const POLICY: RetentionPolicy = {
  keep: { ...NO_KEEP, last: 2, monthly: 3 },
  days: undefined,
  minKeep: 1,
  guards: { maxAgeMs: 3 * DAY, maxDelete: 1 },
}

const daily: BackupSketch[] = Array.from({ length: 70 }, (_, day) => ({
  time: new Date(NOW.getTime() - day * DAY - 3_600_000),
  verdicts: ['ok'],
  number: day,
}))

describe('the policy of a replica', () => {
  it('has copied exactly what the prune there then keeps, whatever stands there already', () => {
    const here = catalog(listing('db/', daily), 'db/')
    const there = catalog(listing('copy/', daily.slice(20, 40)), 'copy/')
    const isKept = keptThere(here, there, { policy: POLICY, now: NOW })
    const copied = daily.filter((_, day) => isKept(here.names[0]?.backups[day] ?? fail()))
    const after = catalog(listing('copy/', [...new Set([...daily.slice(20, 40), ...copied])]), 'copy/')
    const plan = planRetention(after.names[0] ?? fail(), POLICY, {
      now: NOW,
      confirmed: new Set(),
      uploads: [],
    })
    const removed = plan.decisions.filter(({ stays }) => !stays).map(({ backup }) => backup.id)
    const wasCopied = new Set(copied.map(({ number = 0 }) => number.toString(16).padStart(6, '0')))
    expect(copied.length).toBeGreaterThan(1)
    expect(copied.length).toBeLessThan(10)
    expect(removed.filter((id) => wasCopied.has(id.slice(-6)))).toEqual([])
  })

  it('counts what stands only in the replica', () => {
    const here = catalog(listing('db/', daily.slice(5, 8)), 'db/')
    const there = catalog(listing('copy/', daily.slice(0, 3)), 'copy/')
    const policy = { ...POLICY, keep: { ...NO_KEEP, last: 3 } }
    const isKept = keptThere(here, there, { policy, now: NOW })
    expect(here.names[0]?.backups.map(isKept)).toEqual([false, false, false])
  })
})

function fail(): never {
  throw new Error('it is not there')
}
