import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bars, pie } from '../../../src/report/charts.ts'

describe('charts', () => {
  it('draws a pie, largest slice first', () => {
    expect(
      pie('Bytes', [
        { label: 'public.a', value: 1 },
        { label: 'public.b', value: 2.5 },
      ]),
    ).toEqual(['pie showData', '  title Bytes', '  "public.b" : 2.5', '  "public.a" : 1'])
  })

  it('draws bars in the order given', () => {
    expect(
      bars('Time', 'seconds', [
        { label: 'dump', value: 100 },
        { label: 'store', value: 0.25 },
      ]),
    ).toEqual([
      'xychart-beta',
      '  title "Time"',
      '  x-axis ["dump", "store"]',
      '  y-axis "seconds"',
      '  bar [100, 0.25]',
    ])
  })

  it('draws nothing where there is nothing to compare', () => {
    expect(pie('Bytes', [{ label: 'only', value: 5 }])).toBeUndefined()
    expect(
      pie('Bytes', [
        { label: 'a', value: 0 },
        { label: 'b', value: 1 },
      ]),
    ).toBeUndefined()
    expect(bars('Time', 's', [])).toBeUndefined()
    expect(bars('Time', 's', [{ label: 'a', value: 0 }])).toBeUndefined()
  })

  it('gathers what is too small to be told apart', () => {
    const slices = Array.from({ length: 30 }, (_, index) => ({ label: `t${index}`, value: 100 - index }))
    const lines = pie('Bytes', slices) ?? []
    expect(lines).toHaveLength(14)
    const shown = lines.slice(2).map((line) => Number(line.split(' : ')[1]))
    expect(shown.reduce((sum, value) => sum + value)).toBe(slices.reduce((sum, { value }) => sum + value, 0))
  })

  it('keeps every label inside its quotes, whatever a table is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const [, , line = ''] =
          pie('x', [
            { label: name, value: 2 },
            { label: 'b', value: 1 },
          ]) ?? []
        return /^ {2}"[\p{L}\p{N} ._/()·…-]+" : 2$/u.test(line)
      }),
    )
  })
})
