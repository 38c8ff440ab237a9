import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describes, errorMessages, undescribed } from '../support/error-messages.ts'
import { readMarkdown } from '../support/markdown.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

const PAGE = read('docs/troubleshooting.md')
/** As the type says them. */
const CODES = [...read('src/errors.ts').matchAll(/^ {2}\| '([a-z-]+)'$/gm)].map(([, code = '']) => code)

/**
 * Of what is wrong with an input the line itself says what to do, and the page explains the frequent ones; a run that was
 * cancelled tells that alone, whatever broke off; a notification's message has one entry for each answer.
 */
const IN_GENERAL = ['input', 'cancelled', 'notification']

describe('docs/troubleshooting.md', () => {
  it('explains every kind of error', () => {
    expect(CODES.length).toBeGreaterThan(20)
    const rows = [...PAGE.matchAll(/^\| `([a-z-]+)` +\| [^|]{10,}\| [^|]{10,}\|$/gm)].map(([, code]) => code)
    expect(rows.sort()).toEqual([...CODES, 'unexpected'].sort())
  })

  it('has an entry for every message', () => {
    const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    const messages = files
      .filter((path) => path.endsWith('.ts'))
      .flatMap((path) =>
        errorMessages(read(`src/${path}`), new Set(CODES)).map((each) => ({ ...each, path })),
      )
      .filter(({ code }) => !IN_GENERAL.includes(code))
    expect(messages.length).toBeGreaterThan(100)
    const entries = readMarkdown(PAGE).code.map(({ text }) => text)
    const missing = undescribed(messages, entries).map(
      ({ path, line, code, message }) => `src/${path}:${line} (${code}): ${message}`,
    )
    expect(missing).toEqual([])
  })
})

describe('errorMessages', () => {
  const messages = (source: string): string[] =>
    errorMessages(source, new Set(['store', 'stall'])).map(({ code, message }) => `${code}: ${message}`)

  it('finds them where they are made, with what is put in left open', () => {
    expect(messages("throw new LifeboatError('store', `There is no ${key}.`, { hint })")).toEqual([
      'store: There is no ….',
    ])
    expect(messages("return says('stall', 'a ' + what + ' b')")).toEqual(['stall: … a … b'])
    expect(messages("fail(about, 'store', late ? 'It is late.' : `It is early\\nand more`)")).toEqual([
      'store: It is late.',
      'store: It is early',
    ])
    expect(messages("new E('store', [`${n} went wrong.`, ...lines].join('\\n'))")).toEqual([
      'store: … went wrong.',
    ])
  })

  it('leaves out what is no message, and what has no words of its own', () => {
    expect(messages("new E('store', `${place}: ${why}`)")).toEqual([])
    expect(messages("new E('other', 'Not one of ours.')")).toEqual([])
    expect(messages("say('store')")).toEqual([])
    expect(messages("plural(count, 'store', 'stores')")).toEqual([])
  })
})

describe('describes', () => {
  it.each([
    ['Cannot connect to database …', 'Cannot connect to ….'],
    ['… exists already, and is not ours.', '…: …: … exists already, and is not ours.'],
    ['There is no backup of "…" …', 'There is no backup of "…"… under ….'],
    ['The drill FAILED: … problem(s).', 'The drill FAILED: … problem(s).'],
    ['It hangs for', 'It hangs for … s.'],
  ])('takes %j for %j', (entry, message) => {
    expect(describes(entry, message)).toBe(true)
  })

  it.each([
    ['Cannot connect to …', 'Cannot read from ….'],
    ['…', 'The disk is full.'],
    ['… is full', 'The disk is empty.'],
    ['The disk', 'The disk is full.'],
    ['The disk is full of things.', 'The disk is full.'],
  ])('does not take %j for %j', (entry, message) => {
    expect(describes(entry, message)).toBe(false)
  })
})
