import { describe, expect, it } from '@jest/globals'
import { parseCommandFile } from '../../support/command-files.ts'

describe('files that a step answers with', () => {
  it('reads simple values and values of several lines', () => {
    expect(parseCommandFile('a=1\nb<<EOF_1\nfirst\n\nc=not a value\nEOF_1\nd=x=y\n')).toEqual({
      a: '1',
      b: 'first\n\nc=not a value',
      d: 'x=y',
    })
  })

  it('keeps the last of several values', () => {
    expect(parseCommandFile('a=1\na<<X\n2\nX\n')).toEqual({ a: '2' })
  })

  it.each([
    ['a value without its closing delimiter', 'a<<X\n1\n'],
    ['a line that is neither', 'what\n'],
    ['a value without a name', '=1\n'],
  ])('refuses %s', (_case, text) => {
    expect(() => parseCommandFile(text)).toThrow()
  })
})
