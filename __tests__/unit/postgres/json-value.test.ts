import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { jsonWriter, type ValueType } from '../../../src/postgres/json-value.ts'
import { parseArray, parseRow } from '../../../src/postgres/text-form.ts'

const OID = { int8: 20, float8: 701, numeric: 1700, text: 25, json: 114, timestamptz: 1184, date: 1082 }
const plain = (oid: number): ValueType => ({ kind: 'plain', oid })
const write = (oid: number, text: string | null): string => jsonWriter(plain(oid))(text)

describe('a value as JSON', () => {
  it('keeps every digit of every whole number, whatever its size', () => {
    const whole = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n ** 53n - 5n, max: 2n ** 53n + 5n }),
      fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }),
    )
    fc.assert(
      fc.property(whole, fc.constantFrom(OID.int8, OID.numeric), (value, oid) => {
        const read: unknown = JSON.parse(write(oid, value.toString()))
        // What a program in JavaScript reads is exactly what the database holds, as a number or as a string.
        expect(BigInt(read as string | number)).toBe(value)
        expect(typeof read).toBe(value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n ? 'number' : 'string')
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps every digit of every numeric', () => {
    const numeric = fc
      .tuple(
        fc.oneof(fc.constant('0'), fc.constant('-0'), fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })),
        fc.stringMatching(/^0{0,15}\d{1,20}$/),
      )
      .map(([whole, fraction]) => `${whole}.${fraction}`)
    fc.assert(
      fc.property(numeric, (value) => {
        const read: unknown = JSON.parse(write(OID.numeric, value))
        expect(normal(typeof read === 'number' ? expanded(read) : (read as string))).toBe(normal(value))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    [OID.numeric, '12.50', '12.5'],
    [OID.numeric, '100.00', '100'],
    [OID.numeric, '0.1', '0.1'],
    [OID.numeric, '-0.000000000000000000001', '-0.000000000000000000001'],
    [OID.numeric, '0.1234567890123456789', '"0.1234567890123456789"'],
    [OID.numeric, '0.00', '0'],
    [OID.numeric, 'NaN', '"NaN"'],
    [OID.float8, '1e+20', '1e+20'],
    [OID.float8, '-Infinity', '"-Infinity"'],
    [OID.text, 'a "quoted"\n\u0001 line \\', String.raw`"a \"quoted\"\n\u0001 line \\"`],
    [OID.json, '{"a": 12345678901234567890.10,\r\n "a": 1}', '{"a": 12345678901234567890.10,  "a": 1}'],
    [OID.timestamptz, '2026-11-22 02:15:00.123456+00', '"2026-11-22T02:15:00.123456Z"'],
    [OID.timestamptz, '0044-03-15 12:00:00+00 BC', '"-000043-03-15T12:00:00Z"'],
    [OID.timestamptz, '12026-01-01 00:00:00+00', '"+012026-01-01T00:00:00Z"'],
    [OID.timestamptz, 'infinity', '"infinity"'],
    [OID.date, '0001-01-01 BC', '"0000-01-01"'],
    [OID.date, '2026-11-22', '"2026-11-22"'],
  ])('of type %i: %s is %s', (oid, text, json) => {
    expect(write(oid, text)).toBe(json)
    expect(() => JSON.parse(json) as unknown).not.toThrow()
  })

  it('is null where there is none', () => {
    expect(write(OID.int8, null)).toBe('null')
  })

  it('nests arrays and rows', () => {
    const row: ValueType = {
      kind: 'row',
      fields: [
        { name: 'n', type: plain(OID.int8) },
        { name: 'tags', type: { kind: 'array', element: plain(OID.text), delimiter: ',' } },
      ],
    }
    const rows: ValueType = { kind: 'array', element: row, delimiter: ',' }
    expect(jsonWriter(rows)(String.raw`{"(1,\"{a,\"\"b c\"\",NULL}\")","(,)",NULL}`)).toBe(
      '[{"n":1,"tags":["a","b c",null]},{"n":null,"tags":null},null]',
    )
  })
})

describe('text forms', () => {
  it('of arrays are taken apart, whatever their elements hold', () => {
    expect(parseArray('{}')).toEqual([])
    expect(parseArray(String.raw`[0:1][5:6]={{"a,b","NULL"},{NULL,"x\"y\\z"}}`)).toEqual([
      ['a,b', 'NULL'],
      [null, String.raw`x"y\z`],
    ])
    expect(parseArray('{(1,1),(0,0);(2,2),(1,1)}', ';')).toEqual(['(1,1),(0,0)', '(2,2),(1,1)'])
  })

  it('of rows are taken apart, NULL and empty told from each other', () => {
    expect(parseRow('(1,,"",")","a ""b"" \\\\ c")')).toEqual(['1', null, '', ')', 'a "b" \\ c'])
    expect(parseRow('(,)')).toEqual([null, null])
  })
})

/** Without zeros that mean nothing. */
function normal(text: string): string {
  const match = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text)
  const [, sign = '', whole = '', fraction = ''] = match ?? []
  const digits = fraction === '' ? whole : `${whole}.${fraction}`
  return /[1-9]/.test(digits) ? sign + digits : digits
}

/** What a double prints, without an exponent. */
function expanded(value: number): string {
  const [mantissa = '', power] = String(value).split('e-')
  if (power === undefined) return mantissa
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(Number(power) - 1)}${mantissa.replace(/[-.]/g, '')}`
}
