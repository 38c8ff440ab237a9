import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { printable, printableInFence, printableInMarkdown } from '../../../src/report/printable.ts'

/** As the runner reads a line: `::` behind any white space of Unicode, `##[` anywhere. */
function startsCommand(line: string): boolean {
  return /^[\s\u0085]*::/.test(line) || line.includes('##[')
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '::',
        ':',
        '##[',
        '#',
        '[',
        ' ',
        '\t',
        '\n',
        '\r',
        '\u0085',
        '\u2028',
        '\u00a0',
        '\ufeff',
      ),
      fc.constantFrom(
        '\u001b[31m',
        '\u202e',
        '\u200b',
        '\ud800',
        'set-output name=x::y',
        'error',
        '\\',
        '%0A',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('a printable line', () => {
  it('never starts a command of the runner, whatever the text', () => {
    fc.assert(
      fc.property(hostile, (text) => !startsCommand(printable(text))),
      { numRuns: 3000 },
    )
  })

  it('is one line without anything that cannot be seen', () => {
    fc.assert(
      fc.property(hostile, (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(printable(text))),
      { numRuns: 3000 },
    )
  })

  it('leaves ordinary text of any language as it is', () => {
    for (const text of ['public.orders: 12 rows', 'Größe 名前 заказы', 'a::b', '# [x]', 'C:\\dir']) {
      expect(printable(text)).toBe(text)
    }
  })

  it.each([
    ['x\n ::set-output name=backup-id::gotcha', 'x\\n ::set-output name=backup-id::gotcha'],
    [' \u00a0::error::boo', ' \u00a0\\::error::boo'],
    ['a ##[group]b', 'a #\\#[group]b'],
    ['###[x', '##\\#[x'],
    ['\u001b[31mred', '\\e[31mred'],
    ['user\u202etxt', 'user\\u{202e}txt'],
    ['bell\u0007', 'bell\\x07'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('cuts what would fill a log, and says how much', () => {
    const line = printable('x'.repeat(50_000))
    expect(line.length).toBeLessThan(10_100)
    expect(line).toMatch(/… \(40000 more characters\)$/)
  })
})

describe('text in Markdown', () => {
  it('holds no character that opens HTML, a cell, emphasis, code, a link or a mention', () => {
    fc.assert(
      fc.property(hostile, fc.string(), (a, b) => {
        const shown = printableInMarkdown(`${a}${b}`)
          .replaceAll('<span>&#64;</span>', '')
          .replace(/&#\d+;/g, '')
        return !/[<>|`*[\]@\\&~!"'#$]/.test(shown) && !/www\./i.test(shown) && !shown.includes('://')
      }),
      { numRuns: 3000 },
    )
  })

  it('does not become a list, a heading, a quote or a rule at the beginning of a line', () => {
    for (const text of ['- a', '+ a', '1. a', '12) a', '# a', '> a', '---', '===', '    code', '_ _ _']) {
      expect(printableInMarkdown(text)).not.toMatch(/^(\s|[-+*#>=_]|\d+[.)](\s|$))/)
    }
  })

  it('reads back as the text that it stands for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (text) => {
        const decoded = printableInMarkdown(text)
          .replace(/<\/?span>/g, '')
          .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
        return decoded === printable(text).trim()
      }),
    )
  })

  it('stays readable where punctuation means nothing', () => {
    const key = 'db/shop/20261122T021500Z-1a2b3c/shop.dump.xz.age'
    expect(printableInMarkdown(key)).toBe(key)
    expect(printableInMarkdown('public.order_items, 12:30')).toBe('public.order_items, 12:30')
  })
})

describe('text in a fence', () => {
  it('is one line and otherwise as it was', () => {
    expect(printableInFence('createdb "a|b" <x>\n```')).toBe('createdb "a|b" <x>\\n```')
  })
})
