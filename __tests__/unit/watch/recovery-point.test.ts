import { describe, expect, it } from '@jest/globals'
import { judgeRecoveryPoint, newestGood, worstGap } from '../../../src/watch/recovery-point.ts'
import { backupsOf, before, named, NOW } from '../../support/watched-backups.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const TARGETS = { rpoMs: 26 * HOUR, gapMs: 30 * HOUR, rtoMs: 2 * HOUR }
const gap = (from: number, to: number) => ({ from: before(from), to: before(to), ms: (from - to) * HOUR })

describe('newestGood', () => {
  it.each([
    ['the newest', backupsOf(3, 27), 3],
    ['none of none', [], undefined],
    ['not one that failed', named([{ hours: 3, verdicts: ['failed'] }, { hours: 27 }]).backups, 27],
    ['one that was verified only partly', named([{ hours: 3, verdicts: ['partial'] }]).backups, 3],
    ['not one that is dated in the future', backupsOf(-1, 27), 27],
    ['one that a clock has minutes ahead, as made now', backupsOf(-1 / 15, 27), 0],
  ])('gives %s', (_, backups, hours) => {
    const age = newestGood(backups, NOW)?.ageMs
    expect(age).toBe(hours === undefined ? undefined : hours * HOUR)
  })
})

describe('worstGap', () => {
  it('is the longest of those that ended in the last 30 days', () => {
    const old = gap(900, 721)
    expect(worstGap([gap(60, 3), gap(90, 60), gap(200, 90), old], NOW)).toEqual(gap(200, 90))
    expect(worstGap([old], NOW)).toBeUndefined()
  })
})

describe('judgeRecoveryPoint', () => {
  it.each([
    ['nothing at all', undefined, undefined, ['nothing']],
    ['a young one', 26, undefined, []],
    ['one that is late', 27, undefined, ['late']],
    ['that backups have stopped', 73, undefined, ['stopped']],
    ['a gap that may be', 3, gap(40, 10), []],
    ['a gap', 3, gap(41, 10), ['gap']],
    ['both', 27, gap(90, 27), ['late', 'gap']],
  ] as const)('sees %s', (_, hours, worst, found) => {
    const newest = hours === undefined ? undefined : newestGood(backupsOf(hours), NOW)
    const breaches = judgeRecoveryPoint({ name: 'app', newest, gap: worst }, TARGETS, { stoppedMs: 3 * DAY })
    expect(breaches.map(({ kind }) => kind)).toEqual(found)
  })
})
