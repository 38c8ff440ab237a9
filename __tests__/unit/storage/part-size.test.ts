import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { BYTES_IN_FLIGHT, planParts, regrow, SMALLEST_PART } from '../../../src/storage/part-size.ts'
import { storeProfile } from '../../../src/storage/profile.ts'

const MIB = 1024 ** 2
const TIB = 1024 ** 4
const R2 = storeProfile(`https://${'0'.repeat(32)}.r2.cloudflarestorage.com`)

describe('planParts', () => {
  it.each([
    [0, 8, 4],
    [60e9, 8, 4],
    [80e9, 9, 3],
    [150e9, 16, 2],
    [600e9, 64, 2],
    [5 * TIB, 583, 2],
  ])('for %d expected bytes sends parts of %d MiB, %d at a time', (expected, mebibytes, inFlight) => {
    expect(planParts(R2, expected)).toEqual({ partBytes: mebibytes * MIB, inFlight, lastPart: 9000 })
  })

  it('keeps to the limits whatever is expected', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 5 * TIB, noNaN: true }), (expected) => {
        const { partBytes, inFlight, lastPart } = planParts(R2, expected)
        expect(partBytes).toBeGreaterThanOrEqual(SMALLEST_PART)
        expect(partBytes).toBeLessThanOrEqual(R2.maxPartBytes)
        expect(partBytes * lastPart).toBeGreaterThanOrEqual(expected)
        expect(inFlight).toBeGreaterThanOrEqual(2)
        expect(inFlight === 2 || inFlight * partBytes <= BYTES_IN_FLIGHT).toBe(true)
      }),
    )
  })

  it('takes an estimate beyond what the store takes in one object for that: the object may still fit', () => {
    expect(planParts(R2, 20 * TIB)).toEqual(planParts(R2, 5 * TIB))
    expect(planParts(R2, 20 * TIB).partBytes).toBeLessThan(5 * 1024 * MIB)
  })

  it("takes the user's own size where it can carry the object", () => {
    expect(planParts(R2, 1e9, 5 * MIB)).toEqual({ partBytes: 5 * MIB, inFlight: 6, lastPart: 9000 })
    expect(planParts(R2, 1e9, 1024 * MIB)).toMatchObject({ inFlight: 2 })
  })

  it.each([
    [5 * MIB - 1, 0],
    [6 * 1024 * MIB, 0],
    [5 * MIB, 60e9],
  ])('refuses parts of %d bytes for %d expected bytes', (partBytes, expected) => {
    expect(() => planParts(R2, expected, partBytes)).toThrow(expect.objectContaining({ code: 'input' }))
  })
})

describe('regrow', () => {
  it('makes parts eight times larger, two in flight', () => {
    expect(regrow(R2, planParts(R2, 0))).toEqual({ partBytes: 64 * MIB, inFlight: 2, lastPart: 9000 })
  })

  it('gives up where the store takes no larger object', () => {
    expect(regrow(R2, planParts(R2, 5 * TIB))).toBeUndefined()
  })
})
