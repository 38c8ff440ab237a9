import { describe, expect, it } from '@jest/globals'
import { chooseEntries, withoutForbidden } from '../../../src/postgres/choose-entries.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'

function entry(id: number, kind: string, path: string, needs: number[] = [], definition = ''): TocEntry {
  const [schema = '', name = ''] = path.includes('.') ? path.split('.') : ['', path]
  const post = /CONSTRAINT|INDEX|TRIGGER|POLICY/.test(kind)
  const section = kind.endsWith('DATA') || kind === 'SEQUENCE SET' ? 'data' : post ? 'post-data' : 'pre-data'
  return { id, kind, section, schema, name, owner: 'o', definition, needs }
}

const ENTRIES = [
  entry(1, 'SCHEMA', 'shop'),
  entry(2, 'TYPE', 'shop.state', [1]),
  entry(3, 'TABLE', 'shop.orders', [2, 1]),
  entry(4, 'SEQUENCE', 'shop.orders_id_seq', [1]),
  entry(5, 'SEQUENCE OWNED BY', 'shop.orders_id_seq', [4, 3]),
  entry(6, 'DEFAULT', 'shop.orders id', [4, 3]),
  entry(7, 'TABLE', 'shop.people', [1]),
  entry(8, 'TABLE', 'crm.people'),
  entry(9, 'TABLE DATA', 'shop.orders', [3]),
  entry(10, 'TABLE DATA', 'shop.people', [7]),
  entry(11, 'SEQUENCE SET', 'shop.orders_id_seq', [4]),
  entry(12, 'CONSTRAINT', 'shop.orders orders_pkey', [3]),
  entry(13, 'INDEX', 'shop.orders_at', [3]),
  entry(
    14,
    'FK CONSTRAINT',
    'shop.orders orders_person_fkey',
    [3, 7, 12],
    'ALTER TABLE ONLY shop.orders\n    ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES shop.people(id);',
  ),
  entry(15, 'SUBSCRIPTION', 'feed'),
  entry(16, 'COMMENT', 'SUBSCRIPTION feed', [15]),
  entry(17, 'EVENT TRIGGER', 'watch'),
]
const ids = (entries: readonly TocEntry[]): number[] => entries.map(({ id }) => id)

describe('what of an archive is restored', () => {
  it('is a table with all that belongs to it and all that it needs', () => {
    const { entries, skipped } = chooseEntries(ENTRIES, ['shop.orders'])
    expect(ids(entries)).toEqual([1, 2, 3, 4, 5, 6, 9, 11, 12, 13])
    expect(skipped).toEqual([{ entry: ENTRIES[13], reason: 'it needs shop.people, which was not asked for' }])
  })

  it('has the keys between tables that were both asked for', () => {
    const { entries, skipped } = chooseEntries(ENTRIES, ['shop.*'])
    expect(ids(entries)).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14])
    expect(skipped).toEqual([])
  })

  it('takes a name without a schema for one in any', () => {
    expect(ids(chooseEntries(ENTRIES, ['people']).entries)).toEqual([1, 7, 8, 10])
  })

  it('takes nothing in a name for a pattern but the star', () => {
    expect(() => chooseEntries(ENTRIES, ['shop.order.'])).toThrow(
      /nothing in the backup is called shop.order\./,
    )
    expect(() => chooseEntries(ENTRIES, ['nosuch.*'])).toThrow(/nosuch/)
  })

  it('is never a subscription, and what only a superuser may make only for one', () => {
    const all = { superuser: true, extensions: [] }
    expect(ids(withoutForbidden(ENTRIES, all).skipped.map((each) => each.entry))).toEqual([15, 16])
    const some = withoutForbidden(ENTRIES, { superuser: false, extensions: [] })
    expect(ids(some.skipped.map((each) => each.entry))).toEqual([15, 16, 17])
  })
})
