import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatRatio,
  formatShare,
  formatTime,
  plural,
} from '../../../src/report/format.ts'

const KIB = 1024

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [1536 * KIB, '1.50 MiB'],
    [1023.9 * KIB, '1.00 MiB'],
    [45.25 * KIB * KIB, '45.3 MiB'],
    [512 * KIB ** 3, '512 GiB'],
    [3 * KIB ** 4, '3.00 TiB'],
  ])('shows %d bytes as %s', (bytes, shown) => {
    expect(formatBytes(bytes)).toBe(shown)
  })

  it('never shows more than four digits of bytes', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(20), (base, shift) =>
        /^(\d{1,4}|\d{1,2}\.\d{1,2}) /.test(formatBytes(base * 2 ** shift)),
      ),
    )
  })

  it.each([
    [0, '0.0 s'],
    [412, '0.4 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_600, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
    [3_599_600, '1 h 00 min'],
    [273_600_000, '3 d 4 h'],
  ])('shows %d milliseconds as %s', (milliseconds, shown) => {
    expect(formatDuration(milliseconds)).toBe(shown)
  })

  it('shows rates, shares, ratios, counts and times', () => {
    expect(formatRate(10 * KIB * KIB, 2000)).toBe('5.00 MiB/s')
    expect(formatRate(10, 0)).toBe('–')
    expect([formatShare(37, 100), formatShare(1, 250), formatShare(1, 10_000), formatShare(1, 0)]).toEqual([
      '37 %',
      '0.4 %',
      '<0.1 %',
      '–',
    ])
    expect(formatRatio(613, 100)).toBe('6.1')
    expect(formatCount(1234567)).toBe('1,234,567')
    expect([plural(1, 'table'), plural(3, 'table')]).toEqual(['1 table', '3 tables'])
    expect(formatTime(new Date('2026-11-22T02:15:00.123Z'))).toBe('2026-11-22 02:15:00 UTC')
  })
})
