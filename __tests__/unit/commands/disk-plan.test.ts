import { describe, expect, it } from '@jest/globals'
import { planDisk } from '../../../src/commands/disk-plan.ts'

const GIB = 2 ** 30

describe('what goes to disk', () => {
  const needs = { stored: GIB, plain: 6 * GIB, database: 8 * GIB }

  it.each([
    [20, { fetch: true, unpack: true }],
    [14, { fetch: true, unpack: false }],
    [8.5, { fetch: false, unpack: false }],
  ])('with %i GiB free', (free, plan) => {
    expect(planDisk(needs, free * GIB)).toEqual(plan)
  })

  it('is nothing where not even the database fits', () => {
    expect(() => planDisk(needs, 7 * GIB)).toThrow(/7\.0 GiB free/)
  })
})
