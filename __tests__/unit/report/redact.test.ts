import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { maskable, redactor } from '../../../src/report/redact.ts'

const secret = fc
  .string({ unit: 'binary', minLength: 4, maxLength: 40 })
  .filter((text) => !text.includes('*'))

describe('a redactor', () => {
  it('leaves no secret in any text', () => {
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 5 }),
        fc.array(fc.string()),
        (secrets, between) => {
          const text = secrets.map((each, index) => `${between[index] ?? ''}${each}`).join('')
          const shown = redactor(secrets)(text)
          return secrets.every((each) => !shown.includes(each))
        },
      ),
    )
  })

  const forms: readonly [string, (text: string) => string][] = [
    ['as JSON', (text) => JSON.stringify(text).slice(1, -1)],
    ['percent-encoded', encodeURIComponent],
    [
      'percent-encoded in lower case',
      (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
    ],
    // Its end may be cut off.
    ['in base64', (text) => Buffer.from(text).toString('base64').replace(/=+$/, '')],
    ['in the base64 of URLs', (text) => Buffer.from(text).toString('base64url')],
    ['in the quotes of a shell', (text) => text.replaceAll("'", "'\\''")],
    ['in the quotes of SQL', (text) => text.replaceAll("'", "''")],
  ]
  it.each(forms)('knows a secret %s', (_, encode) => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, maxLength: 40 }).filter((text) => !text.includes('*')),
        (text) => !redactor([text])(`before ${encode(text)} after`).includes(encode(text)),
      ),
    )
  })

  it('knows the decoded form of a secret that was given encoded', () => {
    expect(redactor(['p%40ss%2Fword'])('password "p@ss/word" refused')).toBe('password "***" refused')
  })

  it('removes the longest first, so that no rest of a URL stays behind', () => {
    const redact = redactor(['hunter2', 'postgresql://u:hunter2@h/d'])
    expect(redact('at postgresql://u:hunter2@h/d and hunter2')).toBe('at *** and ***')
  })

  it('knows each line of a secret that has several', () => {
    expect(redactor(['first-line\nsecond-line'])('only second-line')).toBe('only ***')
  })

  it('masks nothing shorter than four characters, of which every line is made', () => {
    const key = '{\n  "kty": "OKP",\n  "d": "c2VjcmV0"\n}\n'
    const redact = redactor(['pw', 'abc', key])
    expect(redact('pwd {abc} }')).toBe('pwd {abc} }')
    expect(redact('x "d": "c2VjcmV0" y')).toBe('x *** y')
  })

  it('changes nothing without secrets, or for empty ones', () => {
    expect(redactor([])('text')).toBe('text')
    expect(redactor([''])('text')).toBe('text')
  })
})

describe('what a runner is told to mask', () => {
  it('is no line that is shorter than four characters, whatever the secrets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.array(fc.constantFrom('}', ' {', 'ab', 'hunter22', '')),
        (texts, lines) => {
          for (const line of maskable([...texts, lines.join('\n')])) {
            expect(line.length).toBeGreaterThanOrEqual(4)
            expect(line).not.toMatch(/[\r\n]/)
          }
        },
      ),
    )
  })

  it('is every longer line', () => {
    expect(maskable(['{\r\n  "d": "c2Vj"\r\n}', 'one line', 'pw'])).toEqual(['"d": "c2Vj"', 'one line'])
  })
})
