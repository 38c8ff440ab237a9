import { describe, expect, it } from '@jest/globals'
import { parseBytes, parseCount, parseDuration, parsePercentage } from '../../../src/inputs/quantities.ts'

describe('quantities', () => {
  it.each([
    ['64MiB', 67_108_864],
    ['64mib', 67_108_864],
    ['64 MB', 64_000_000],
    ['1.5GiB', 1_610_612_736],
    ['512B', 512],
  ])('reads the size %s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each(['64', '64M', '-1MiB', 'MiB', '1,5MiB', '1e3B', '99999999999TiB'])(
    'refuses the size %s',
    (text) => {
      expect(() => parseBytes(text)).toThrow(/is not a size/)
    },
  )

  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['6h', 21_600_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['500ms', 500],
    ['0.5h', 1_800_000],
  ])('reads the duration %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each(['10', '10 minutes', 'm', '1h-3m', '-1h', '1w'])('refuses the duration %s', (text) => {
    expect(() => parseDuration(text)).toThrow(/is not a duration/)
  })

  it('reads percentages as fractions and refuses all else', () => {
    expect(parsePercentage('50%')).toBe(0.5)
    expect(parsePercentage('100 %')).toBe(1)
    for (const text of ['50', '0%', '101%', '-5%', '0.5', '%']) {
      expect(() => parsePercentage(text)).toThrow(/is not a percentage/)
    }
  })

  it('reads whole numbers within their range', () => {
    expect(parseCount('0', { least: 0, most: 20 })).toBe(0)
    for (const text of ['-1', '21', '1.5', '1e1', '', '0x1']) {
      expect(() => parseCount(text, { least: 0, most: 20 })).toThrow(/whole number from 0 to 20/)
    }
  })
})
