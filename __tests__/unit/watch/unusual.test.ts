import { describe, expect, it } from '@jest/globals'
import { median, outliers, spread } from '../../../src/watch/robust.ts'
import { unusualBackups } from '../../../src/watch/unusual.ts'
import { watched } from '../../support/watched-backups.ts'

const MIB = 2 ** 20

describe('unusualBackups', () => {
  const usual = Array<number>(9).fill(100)
  const sizes: readonly (readonly [string, readonly number[], Readonly<Record<number, number>>])[] = [
    ['nothing of nothing', [], {}],
    ['nothing of too few', [900, 100, 100, 100], {}],
    ['nothing of what is all the same', usual, {}],
    ['one that is larger', [...usual, 150], { 9: 1.5 }],
    ['one that is smaller', [20, ...usual], { 0: 0.2 }],
    ['nothing of a fifth more', [120, ...usual], {}],
    ['nothing of steady growth', [190, 180, 170, 160, 150, 140, 130, 120, 110, 100], {}],
    [
      'nothing where one half is unlike the other',
      [...Array<number>(5).fill(10), ...Array<number>(5).fill(500)],
      {},
    ],
  ]
  it.each(sizes)('names by size %s', (_, values, found) => {
    const nights = watched(values.map((size) => ({ plainBytes: size * MIB })))
    expect(unusualBackups(nights)).toEqual(
      Object.entries(found).map(([night, factor]) => ({
        what: 'size',
        id: nights[Number(night)]?.id,
        factor,
      })),
    )
  })

  it.each([
    ['one that took three times as long', [300, ...usual], [3]],
    ['nothing of half as long again', [150, ...usual], []],
    ['nothing of seconds', [9, ...usual.map(() => 1)], []],
  ])('names by duration %s', (_, seconds, factors) => {
    const found = unusualBackups(watched(seconds.map((each) => ({ seconds: each }))))
    expect(found.map(({ what, factor }) => [what, factor])).toEqual(
      factors.map((factor) => ['duration', factor]),
    )
  })

  it('leaves out small ones, those that were not read, and more than five', () => {
    expect(
      unusualBackups(watched([{ plainBytes: 200_000 }, ...usual.map(() => ({ plainBytes: 1_000 }))])),
    ).toEqual([])
    expect(unusualBackups(watched([{}, ...usual.map(() => ({ plainBytes: MIB }))]))).toEqual([])
    const many = [...Array<number>(7).fill(900), ...usual, ...usual]
    expect(unusualBackups(watched(many.map((size) => ({ plainBytes: size * MIB }))))).toHaveLength(5)
  })
})

describe('robust measures', () => {
  it.each([
    [[3], 3, 0],
    [[1, 2, 3, 4], 2.5, 1.4826],
    [[5, 5, 5, 1000], 5, 0],
  ])('of %j', (values, middle, width) => {
    expect(median(values)).toBe(middle)
    expect(spread(values)).toBeCloseTo(width)
  })

  it('say nothing of nothing', () => {
    expect(median([])).toBeNaN()
    expect(outliers([1, 1, 1, 900], { least: 0.25 })).toEqual([])
  })
})
