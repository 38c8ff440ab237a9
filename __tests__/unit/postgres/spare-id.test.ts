import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseIdMap, parseSubordinate, pickSpareId } from '../../../src/postgres/spare-id.ts'

const WHOLE = parseIdMap('         0          0 4294967295\n')
/** As in a container of a user without root. */
const SMALL = parseIdMap('0 1000 1\n1 100000 65535\n')
const nobody = (): boolean => false

describe('A number that nobody has', () => {
  it('lies above what directories, containers and subordinate ids are given', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
        const id = pickSpareId([WHOLE, WHOLE], nobody, (below) => Math.floor(chance * below)) ?? 0
        expect(id).toBeGreaterThan(2_000_200_000)
        expect(id).toBeLessThan(2 ** 31 - 1)
      }),
    )
  })

  it('is one that the kernel of a container knows, for users and for groups', () => {
    for (const known of [
      [SMALL, SMALL],
      [WHOLE, SMALL],
    ])
      expect(pickSpareId(known, nobody, () => 5)).toBe(20_005)
    expect(pickSpareId([SMALL, parseIdMap('0 0 1')], nobody, () => 5)).toBeUndefined()
  })

  it('is never one that is taken', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 200, maxLength: 200 }), (draws) => {
        const taken = (id: number): boolean => id !== 20_002
        let at = 0
        const id = pickSpareId([WHOLE, WHOLE], taken, () => draws[at++] ?? 0)
        expect([20_002, undefined]).toContain(id)
      }),
    )
    expect(
      pickSpareId(
        [WHOLE, WHOLE],
        () => true,
        () => 0,
      ),
    ).toBeUndefined()
  })

  it('lies in no range of subordinate ids', () => {
    expect(parseSubordinate('runner:100000:65536\n# nothing\nother:2100000000:65536\n')).toEqual([
      { first: 100_000, last: 165_535 },
      { first: 2_100_000_000, last: 2_100_065_535 },
    ])
    expect(parseSubordinate('')).toEqual([])
  })
})
