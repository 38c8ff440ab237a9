import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { LifeboatError } from '../../../src/errors.ts'
import { parsePrefix } from '../../../src/inputs/prefix.ts'

describe('a prefix', () => {
  it.each([
    ['db', 'db/'],
    ['db/', 'db/'],
    ['/db/shop', 'db/shop/'],
    ['db/shop//', 'db/shop/'],
    ['/', ''],
    ['größe/a b', 'größe/a b/'],
    ['a..b/.hidden', 'a..b/.hidden/'],
  ])('is read from %s as %j', (text, prefix) => {
    expect(parsePrefix(text)).toBe(prefix)
  })

  it.each([
    'a/../b',
    '..',
    './a',
    'a//b',
    '/ a',
    'a /b',
    '_lifeboat',
    'db/_lifeboat/x',
    'a\u0000b',
    'a\nb',
    'a\\b',
    'a\u202eb',
    'x'.repeat(401),
  ])('cannot be %j', (text) => {
    expect(() => parsePrefix(text)).toThrow(LifeboatError)
  })

  it('is empty or ends in one slash, begins with none, and reads as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '/', '.', '_', ' ', '\\', '\n', 'é') }), (text) => {
        let prefix: string
        try {
          prefix = parsePrefix(text)
        } catch (error) {
          return error instanceof LifeboatError
        }
        const sound = prefix === '' || (/[^/]\/$/.test(prefix) && !prefix.startsWith('/'))
        return (
          sound &&
          !`/${prefix}`.includes('/../') &&
          !prefix.includes('//') &&
          parsePrefix(prefix || '/') === prefix
        )
      }),
      { numRuns: 5000 },
    )
  })
})
