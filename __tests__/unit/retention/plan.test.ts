import { describe, expect, it } from '@jest/globals'
import { catalog, type ListedBackup } from '../../../src/catalog/listing.ts'
import { REMOVING_FILE } from '../../../src/catalog/files.ts'
import { decideAttempts, type ListedUpload } from '../../../src/retention/attempts.ts'
import {
  describePolicy,
  longestSpanDays,
  NO_KEEP,
  type RetentionPolicy,
} from '../../../src/retention/policy.ts'
import { planRetention, type RetentionPlan } from '../../../src/retention/plan.ts'
import { describeReason } from '../../../src/retention/reason.ts'
import { listing, type BackupSketch } from '../../support/catalog-listing.ts'

const DAY = 86_400_000
const NOW = new Date('2026-11-23T06:00:00Z')
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY)

function policy(about: Partial<RetentionPolicy> = {}): RetentionPolicy {
  return {
    keep: NO_KEEP,
    days: undefined,
    minKeep: 1,
    guards: { maxAgeMs: 3 * DAY, maxDelete: 1 },
    ...about,
  }
}

function plan(sketches: readonly BackupSketch[], rules: RetentionPolicy): RetentionPlan {
  const [app] = catalog(listing('db/', sketches), 'db/').names
  if (!app) throw new Error('nothing was listed')
  return planRetention(app, rules, { now: NOW, confirmed: new Set(), uploads: [] })
}

/** `day: reasons`, newest first; what goes with a minus. */
function told({ decisions }: RetentionPlan): string[] {
  return decisions.map(({ backup, stays, reasons }) => {
    const day = Math.round((NOW.getTime() - backup.time.getTime()) / DAY)
    return `${stays ? '+' : '-'}${day}: ${reasons.map(describeReason).join(', ')}`
  })
}

const verified = (days: number): BackupSketch => ({ time: daysAgo(days), verdicts: ['ok'] })

describe('A retention plan', () => {
  it('gives every reason why each backup stays or goes', () => {
    const rules = policy({ keep: { ...NO_KEEP, last: 1, weekly: 2 }, days: 3, minKeep: 2 })
    expect(told(plan([0, 1, 2, 3, 4, 9, 16].map(verified), rules))).toEqual([
      '+0: newest backup, newest verified backup, min-keep: among the newest 2 verified, last 1 of 1, weekly 1 of 2 (2026-W48), younger than 3 days',
      '+1: min-keep: among the newest 2 verified, weekly 2 of 2 (2026-W47), younger than 3 days',
      '+2: younger than 3 days',
      '-3: no rule keeps it',
      '-4: no rule keeps it',
      '-9: no rule keeps it',
      '-16: no rule keeps it',
    ])
  })

  it('keeps the good backup of a day whose last one is bad', () => {
    const sketches: BackupSketch[] = [
      verified(0),
      { time: new Date(daysAgo(1).getTime() + 3_600_000), verdicts: ['failed'] },
      verified(1),
    ]
    expect(told(plan(sketches, policy({ keep: { ...NO_KEEP, daily: 2 } })))).toEqual([
      '+0: newest backup, newest verified backup, min-keep: among the newest 1 verified, daily 1 of 2 (2026-11-23)',
      '-1: its verification failed: it fills no slot',
      '+1: daily 2 of 2 (2026-11-22)',
    ])
  })

  it('keeps seven and says so while nothing was ever verified', () => {
    const found = plan(
      Array.from({ length: 10 }, (_, day) => ({ time: daysAgo(day), verdicts: ['partial'] as const })),
      policy({ keep: { ...NO_KEEP, last: 1 } }),
    )
    expect(found.decisions.filter(({ stays }) => stays)).toHaveLength(7)
    expect(found.notices).toEqual([
      expect.stringMatching(/Nothing of "app" was ever verified.*at least 7 backups stay/),
    ])
  })

  it('removes nothing while there are fewer verified backups than min-keep', () => {
    const sketches = [verified(0), ...[1, 2, 3, 4, 5].map((day) => ({ time: daysAgo(day) })), verified(6)]
    const found = plan(sketches, policy({ keep: { ...NO_KEEP, last: 1 }, minKeep: 3 }))
    expect(found.decisions.every(({ stays }) => stays)).toBe(true)
    expect(found.notices).toEqual([expect.stringMatching(/fewer than 3 verified/)])
  })

  it('keeps everything, with its reason, when a guard stops it', () => {
    const found = plan([4, 5, 6].map(verified), policy({ keep: { ...NO_KEEP, last: 1 } }))
    expect(found.refusal?.guard).toBe('max-age')
    expect(told(found).slice(1)).toEqual([
      '+5: would go, but a guard stops this run',
      '+6: would go, but a guard stops this run',
    ])
  })
})

describe('A name without any backup', () => {
  const rules = policy({ keep: { ...NO_KEEP, last: 1 } })

  it('is no reason for alarm while its first one is being made', () => {
    const found = plan([{ time: daysAgo(0), committed: false }], rules)
    expect(found.refusal).toBeUndefined()
    expect(found.attempts).toMatchObject([{ state: 'alive' }])
  })

  it('is red, and loses nothing, where an attempt is all that it has', () => {
    const found = plan([{ time: daysAgo(20), committed: false }], rules)
    expect(found.refusal).toMatchObject({
      guard: 'max-age',
      message: expect.stringMatching(/no backup that counts/),
    })
    expect(found.attempts).toMatchObject([{ state: 'alive' }])
  })
})

describe('A policy', () => {
  it('can be said', () => {
    const rules = policy({ keep: { ...NO_KEEP, last: 7, monthly: 12 }, days: 30, minKeep: 3 })
    expect(describePolicy(rules)).toBe('last=7 monthly=12, everything of the last 30 days, min-keep=3')
  })

  it.each([
    [{ days: 30 }, 30],
    [{ keep: { ...NO_KEEP, hourly: 49 } }, 7],
    [{ keep: { ...NO_KEEP, hourly: 241 } }, 11],
    [{ keep: { ...NO_KEEP, last: 40, weekly: 4 } }, 40],
    [{ keep: { ...NO_KEEP, monthly: 12, yearly: 2 } }, 732],
    [{ minKeep: 50 }, 50],
  ])('with %j keeps backups for up to %d days', (about, days) => {
    expect(longestSpanDays(policy(about))).toBe(days)
  })
})

describe('What becomes of attempts', () => {
  const attempt = (days: number, about: Partial<ListedBackup> = {}): ListedBackup => ({
    name: 'app',
    id: '20261101T000000Z-000001',
    time: daysAgo(22),
    committed: false,
    verification: 'none',
    recorded: false,
    removing: false,
    bytes: 1,
    lastActivity: daysAgo(days),
    files: ['app.dump'],
    foreign: 0,
    ...about,
  })
  const upload = (days: number, id = '20261101T000000Z-000001'): ListedUpload => ({
    name: 'app',
    id,
    key: `db/app/${id}/app.dump`,
    uploadId: 'x',
    initiated: daysAgo(20),
    lastActivity: daysAgo(days),
  })

  it.each([
    ['seven days is alive', attempt(7), 'alive'],
    ['more is dead', attempt(7.01), 'dead'],
    ['verified is a backup that lost its manifest', attempt(30, { recorded: true }), 'lost-manifest'],
    [
      'begun to be removed is finished at once',
      attempt(0, { removing: true, recorded: true }),
      'broken-removal',
    ],
  ])('%s', (_what, given, state) => {
    expect(decideAttempts([given], [], NOW).attempts).toEqual([{ attempt: given, state }])
  })

  it('lets a part that came yesterday keep what lies beside it alive', () => {
    const found = decideAttempts([attempt(20)], [upload(1), upload(12)], NOW)
    expect(found.attempts[0]?.state).toBe('alive')
    expect(found.uploads.map(({ state }) => state)).toEqual(['alive', 'alive'])
  })

  it('takes a dead upload and a dead attempt, each by itself', () => {
    const other = '20261102T000000Z-000002'
    const found = decideAttempts([attempt(20)], [upload(8, other)], NOW)
    expect(found.attempts[0]?.state).toBe('dead')
    expect(found.uploads[0]?.state).toBe('dead')
  })

  it('knows a removal that was broken off by its listing', () => {
    const [app] = catalog(
      [
        { key: `db/app/20261101T000000Z-000001/${REMOVING_FILE}`, size: 1, lastModified: NOW },
        {
          key: 'db/app/20261101T000000Z-000001/verified-20261102T000000Z-ok.json',
          size: 1,
          lastModified: NOW,
        },
      ],
      'db/',
    ).names
    expect(app?.attempts).toMatchObject([{ removing: true, recorded: true, committed: false }])
  })
})
