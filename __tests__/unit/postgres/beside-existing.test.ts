import { describe, expect, it } from '@jest/globals'
import { besideExisting } from '../../../src/postgres/beside-existing.ts'
import { chooseEntries } from '../../../src/postgres/choose-entries.ts'
import { nameKey, type ExistingObjects } from '../../../src/postgres/existing-objects.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'

function entry(id: number, kind: string, name: string, needs: number[] = [], definition = ''): TocEntry {
  const section = /DATA$|^SEQUENCE SET/.test(kind)
    ? 'data'
    : /CONSTRAINT|INDEX/.test(kind)
      ? 'post-data'
      : 'pre-data'
  return { id, kind, section, schema: 'shop', name, owner: 'o', definition, needs }
}

const ENTRIES = [
  { ...entry(1, 'SCHEMA', 'shop'), schema: '' },
  entry(2, 'TYPE', 'state', [1]),
  entry(3, 'FUNCTION', 'total(integer, shop.state)', [2]),
  entry(4, 'SEQUENCE', 'gid', [1], 'CREATE SEQUENCE shop.gid\n'),
  entry(5, 'SEQUENCE SET', 'gid', [4]),
  entry(6, 'TABLE', 'orders', [2, 3]),
  entry(7, 'SEQUENCE', 'orders_id_seq', [6], 'CREATE SEQUENCE shop.orders_id_seq\n'),
  entry(
    8,
    'SEQUENCE OWNED BY',
    'orders_id_seq',
    [7],
    'ALTER SEQUENCE shop.orders_id_seq OWNED BY shop.orders.id;',
  ),
  entry(9, 'DEFAULT', 'orders id', [6, 7]),
  entry(10, 'DEFAULT', 'orders g', [6, 4]),
  entry(11, 'TABLE DATA', 'orders', [6]),
  entry(12, 'CONSTRAINT', 'orders orders_pkey', [6]),
  entry(13, 'INDEX', 'orders_at', [6]),
  entry(
    14,
    'SEQUENCE',
    'orders_n_seq',
    [6],
    'ALTER TABLE shop.orders ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (',
  ),
  entry(15, 'STATISTICS', 'orders_stat', [6]),
  entry(16, 'TABLE', 'lines', [1]),
  entry(17, 'TABLE DATA', 'lines', [16]),
  entry(18, 'INDEX', 'lines_at', [16]),
  entry(19, 'TRIGGER', 'lines touch', [16, 3]),
  entry(20, 'VIEW', 'report', [16, 3]),
  entry(21, 'RULE', 'report _RETURN', [16, 20]),
  entry(22, 'SEQUENCE SET', 'orders_id_seq', [7]),
]

const has = (...objects: [space: string, name: string, kind: string, owner?: string][]): ExistingObjects =>
  new Map(objects.map(([space, name, kind, owner = null]) => [nameKey(space, 'shop', name), { kind, owner }]))

const beside = (existing: ExistingObjects, ...only: string[]) =>
  besideExisting(chooseEntries(ENTRIES, only), existing, 'live')
/** Nothing where it is refused. */
const restoredOf = (existing: ExistingObjects, only: string): readonly TocEntry[] => {
  try {
    return beside(existing, only).entries
  } catch (error) {
    expect(String(error)).toMatch(/Nothing was touched/)
    return []
  }
}
const ids = (entries: readonly TocEntry[]): number[] => entries.map(({ id }) => id)

describe('what only restores beside what is there', () => {
  it('is all of it where nothing is there', () => {
    const { entries, skipped } = beside(has(), 'orders')
    expect(ids(entries)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 22])
    expect(skipped).toEqual([])
  })

  it('leaves alone, and names, what a table needs and finds: with its value and whatever else would alter it', () => {
    const { entries, skipped } = beside(
      has(
        ['relation', 'gid', 'sequence'],
        ['type', 'state', 'type'],
        ['routine', 'total(integer, shop.state)', 'function'],
      ),
      'orders',
    )
    expect(ids(entries)).toEqual([1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 22])
    expect(skipped.map(({ entry: { kind, name }, reason }) => `${kind} ${name}: ${reason}`)).toEqual([
      'TYPE state: it is there already, and was left as it is',
      'FUNCTION total(integer, shop.state): it is there already, and was left as it is',
      'SEQUENCE gid: it is there already, and was left as it is',
    ])
  })

  it('leaves alone a table that only a view needs: its rows, indexes and triggers', () => {
    const { entries } = beside(has(['relation', 'lines', 'table']), 'report')
    expect(ids(entries)).toEqual([1, 2, 3, 20, 21])
    expect(ids(beside(has(), 'report').entries)).toEqual([1, 2, 3, 16, 17, 18, 19, 20, 21])
  })

  it.each([
    ['a table', ['relation', 'orders', 'table'], /there already: shop\.orders\. Nothing was touched/],
    ['something else of its name', ['relation', 'orders', 'view'], /for their parts: view shop\.orders\./],
    ['a type of its name', ['type', 'orders', 'type'], /type shop\.orders\./],
    ['the index of a key', ['relation', 'orders_pkey', 'index'], /index shop\.orders_pkey\./],
    ['an index', ['relation', 'orders_at', 'index'], /index shop\.orders_at\./],
    ['a table with the name of an index', ['relation', 'orders_at', 'table'], /table shop\.orders_at\./],
    [
      'an identity column',
      ['relation', 'orders_n_seq', 'sequence', 'shop.bad'],
      /orders_n_seq \(of shop\.bad\)\./,
    ],
    ['statistics', ['statistics', 'orders_stat', 'statistics'], /statistics shop\.orders_stat\./],
    [
      "another table's sequence",
      ['relation', 'orders_id_seq', 'sequence', 'shop.bad'],
      /id_seq \(of shop\.bad\)\./,
    ],
    ['a table with the name of a sequence', ['relation', 'gid', 'table'], /table shop\.gid\./],
  ] as const)('is refused before anything is touched where this is there: %s', (_, object, message) => {
    expect(() => beside(has([...object]), 'orders')).toThrow(message)
  })

  it('never alters anything that is there, whatever of it there is', () => {
    const named = ENTRIES.filter(({ kind }) =>
      ['TYPE', 'FUNCTION', 'SEQUENCE', 'TABLE', 'VIEW', 'INDEX'].includes(kind),
    )
    const space = (kind: string): string =>
      kind === 'TYPE' ? 'type' : kind === 'FUNCTION' ? 'routine' : 'relation'
    const alters = (one: TocEntry): string => one.name.split(' ')[0] ?? ''
    let restored = 0
    for (let bits = 0; bits < 2 ** named.length; bits++) {
      const there = named.filter((_, index) => (bits >> index) & 1)
      const existing = has(
        ...there.map(({ kind, name }) => [space(kind), name, kind.toLowerCase()] as [string, string, string]),
      )
      for (const only of ['orders', 'report', '*']) {
        const entries = restoredOf(existing, only)
        restored += entries.length
        const names = new Set(there.map(({ name }) => name))
        const altered = entries.filter(
          (one) => names.has(one.name) || (one.section !== 'none' && names.has(alters(one))),
        )
        expect(altered).toEqual([])
      }
    }
    expect(restored).toBeGreaterThan(1_000)
  })
})
