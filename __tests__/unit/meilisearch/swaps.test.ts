import { describe, expect, it } from '@jest/globals'
import { newestSwapOf, tornApart, type Swaps } from '../../../src/meilisearch/swaps.ts'

const SWAPS: Swaps = [
  { uid: 9, pairs: [['a', 'b']] },
  {
    uid: 5,
    pairs: [
      ['c', 'd'],
      ['x', 'y'],
    ],
  },
]

describe('swaps of indexes', () => {
  it('concern the indexes that they moved', () => {
    expect(['a', 'd', 'x', 'z'].map((uid) => newestSwapOf(uid, SWAPS))).toEqual([9, 5, 5, undefined])
  })

  it.each([
    ['both were read before', { a: 5, b: 5 }, []],
    ['both were read after', { a: 9, b: 9 }, []],
    ['one was read before and one after', { a: 5, b: 9 }, ['a', 'b']],
    ['the other way round', { a: 9, b: -1 }, ['a', 'b']],
    ['only another pair is torn', { a: 9, b: 9, c: 4, d: 5 }, ['c', 'd']],
    ['one of them is gone since', { a: 9 }, []],
    ['neither is in the backup', { z: 0 }, []],
  ])('tear a backup apart, or not: %s', (_how, seen, torn) => {
    expect(tornApart(SWAPS, new Map(Object.entries(seen)))).toEqual(torn)
  })
})
