import { describe, expect, it } from '@jest/globals'
import { judgeRecoveryTime, risingRecoveryTime, usualRecoveryTime } from '../../../src/watch/recovery-time.ts'
import { restoresOf } from '../../support/watched-backups.ts'

const TARGETS = { rpoMs: 0, gapMs: 0, rtoMs: 7_200_000 }

describe('judgeRecoveryTime', () => {
  it.each([
    ['nothing where none was measured', [], false],
    ['one that just holds', [7_200, 9_000], false],
    ['one that takes too long', [7_201, 60], true],
  ])('sees %s', (_, seconds, slow) => {
    const breaches = judgeRecoveryTime({ name: 'app', restores: restoresOf(...seconds) }, TARGETS)
    expect(breaches.map(({ kind }) => kind)).toEqual(slow ? ['slow-restore'] : [])
  })
})

describe('the trend of restores', () => {
  it.each([
    ['nothing of too few', [900, 100, 100], undefined, undefined],
    ['that it rises', [200, 100, 110, 90], 100, 2],
    ['nothing of half as much again', [150, 100, 110, 90], 100, undefined],
    ['that it falls, and says nothing', [50, 100, 110, 90], 100, undefined],
    ['nothing of seconds', [29, 2, 2, 2], 2, undefined],
    ['no one that took long once', [110, 100, 900, 100, 100], 100, undefined],
    ['nothing where the others took no time', [60, 0, 0, 0], 0, undefined],
  ])('says %s', (_, seconds, usual, factor) => {
    const restores = restoresOf(...seconds)
    expect(usualRecoveryTime(restores)).toBe(usual)
    expect(risingRecoveryTime(restores)).toEqual(
      factor === undefined ? [] : [{ what: 'restore', id: restores[0]?.id, factor }],
    )
  })
})
