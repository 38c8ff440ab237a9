import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LifeboatError } from '../../../src/errors.ts'
import { failureOf } from '../../../src/pipeline/exit.ts'
import { dumpInWords, inWords } from '../../../src/postgres/query-failure.ts'
import { sqlState } from '../../../src/postgres/sql-state.ts'

/** Every class of PostgreSQL 18's appendix A that is an error. */
const CLASSES = (
  '03 08 09 0A 0B 0F 0L 0P 0Z 10 20 21 22 23 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 44 53 54 55 57 58 72 F0 HV ' +
  'P0 XX'
).split(' ')
const given = (code: string): Error => Object.assign(new Error('said so'), { code, severity: 'ERROR' })

describe('an error that the server gives a query', () => {
  it.each(CLASSES.map((each) => `${each}000`))('has a sentence and what to do: %s', (state) => {
    const error = inWords(given(state))
    expect(error).toBeInstanceOf(LifeboatError)
    expect(error).toMatchObject({
      message: `A query failed on the database server: said so (SQLSTATE ${state}).`,
      hint: expect.stringMatching(/.{40}/),
    })
    expect(sqlState(error)).toBe(state)
  })

  it.each(['XX001', 'XX002', '58P01', '58030'])(
    'names damage, and says that older backups are whole: %s',
    (state) => {
      expect(inWords(given(state), 'table shop.orders')).toMatchObject({
        code: 'database',
        message: expect.stringContaining('table shop.orders'),
        hint: expect.stringContaining('older backups are untouched'),
      })
    },
  )

  it.each([
    ['invalid page in block 100 of relation base/16974/16975', true],
    ['ungültige Seite in Block 7 von Relation pg_tblspc/16390/PG_15_202209061/16384/16391', true],
    ['missing chunk number 0 for toast value 16983 in pg_toast_16970', true],
    [
      'could not access status of transaction 99\nDETAIL:  Could not open file "pg_xact/0000": No such file',
      true,
    ],
    ['could not open file "base/16384/16385": Too many open files in system', false],
    ['canceling statement due to lock timeout', false],
  ])('is damage in words of pg_dump too, in whatever language: %s', (words, isDamage) => {
    const complaint = `pg_dump: error: Dumping the contents of table "orders" failed\nERROR:  ${words}`
    const exit = { code: 1, signal: null, complaint, stopped: false }
    const error = dumpInWords(failureOf({ ...exit, label: 'pg_dump' }))
    expect(error).toMatchObject({
      code: isDamage ? 'database' : 'process',
      message: expect.stringContaining('table "orders"'),
      hint: isDamage ? expect.stringContaining('older backups are untouched') : undefined,
    })
    const other = failureOf({ ...exit, label: 'xz' })
    expect(dumpInWords(other)).toBe(other)
  })

  it('is told from a mistake of our own, and worded once', () => {
    const mistake = new TypeError('x is not a function')
    expect(inWords(mistake)).toBe(mistake)
    const node = Object.assign(new Error('broken pipe'), { code: 'EPIPE' })
    expect(inWords(node)).toBe(node)
    const once = inWords(given('42501'), 'table a.b')
    expect(inWords(once)).toBe(once)
  })

  it('reaches no end of a run unworded', () => {
    const source = resolve(import.meta.dirname, '../../../src')
    const ends = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && path !== 'report/failure.ts')
      .flatMap((path) => [...readFileSync(join(source, path), 'utf8').matchAll(/describeFailure\(.{0,12}/g)])
      .map(([call]) => call)
    expect(ends.length).toBeGreaterThanOrEqual(3)
    for (const call of ends) expect(call).toMatch(/^describeFailure\(inWords\(/)
  })
})
