import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { elementsOf, memberOf, membersOf, textOf } from '../../../src/meilisearch/json-text.ts'

describe('JSON that stays text', () => {
  it('keeps the digits of an integer that a double cannot hold', () => {
    const bytes = Buffer.from(
      '{"results":[ {"big":12345678901234567890,"a":1.10} , {"big":-0.0} ],"total":2}',
    )
    const results = memberOf(bytes, 'results')
    expect(elementsOf(bytes, results?.start).map((span) => textOf(bytes, span))).toEqual([
      '{"big":12345678901234567890,"a":1.10}',
      '{"big":-0.0}',
    ])
  })

  it('is not deceived by brackets, quotes and backslashes inside strings', () => {
    const bytes = Buffer.from(String.raw`{"a]}":"\\\"}{[","b":["]",{"c":"\\"}]}`)
    expect(membersOf(bytes).map(({ key, value }) => [textOf(bytes, key), textOf(bytes, value)])).toEqual([
      ['"a]}"', String.raw`"\\\"}{["`],
      ['"b"', String.raw`["]",{"c":"\\"}]`],
    ])
  })

  it('takes any array apart into what JSON.parse finds in it', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), (values, indent) => {
        const bytes = Buffer.from(JSON.stringify(values, null, indent))
        const found = elementsOf(bytes).map((span) => JSON.parse(textOf(bytes, span)) as unknown)
        expect(found).toEqual(JSON.parse(bytes.toString()))
      }),
    )
  })

  it('takes any object apart into its members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const bytes = Buffer.from(JSON.stringify(value))
        const found = membersOf(bytes).map(({ key, value: span }) => [
          JSON.parse(textOf(bytes, key)) as string,
          JSON.parse(textOf(bytes, span)) as unknown,
        ])
        expect(Object.fromEntries(found)).toEqual(JSON.parse(bytes.toString()))
      }),
    )
  })

  it.each(['[1,2', '[1 2]', '{"a":1', '{"a"}', '{a:1}', '["x]', '', '[,]'])('refuses %s', (text) => {
    const read = text.startsWith('{') ? membersOf : elementsOf
    expect(() => read(Buffer.from(text))).toThrow('This is not JSON at byte')
  })
})
