import { describe, expect, it } from '@jest/globals'
import {
  compareContents,
  type FoundContents,
  type FoundSequence,
} from '../../../src/postgres/compare-contents.ts'
import type { Contents, SequenceInterval } from '../../../src/postgres/contents.ts'

const table = {
  schema: 'shop',
  name: 'orders',
  oid: 1,
  rows: 3,
  digest: '-7',
  bytes: 8192,
  columns: ['a', 'b'],
}
const expected: Contents = {
  format: 1,
  fingerprint: 'digest',
  tables: [table],
  largeObjects: { objects: 1, bytes: 5, digest: '9' },
  sequences: [],
  objects: [
    { class: 'index', schema: 'shop', count: 2 },
    { class: 'publication', schema: '', count: 1 },
  ],
  extensions: [{ name: 'citext', version: '1.6' }],
  roles: [],
  settings: [],
  acl: [],
  owner: 'a',
}
const found: FoundContents = { ...expected, sequences: [] }
const inArchive = (kind: string): number => (kind === 'PUBLICATION' ? 1 : 0)
const differences = (wanted: Contents, there: FoundContents, isPartial = false): string[] =>
  compareContents(wanted, there, { inArchive, isPartial }).differences.map(({ what }) => what)

describe('a restored copy', () => {
  it('equals the snapshot where everything does; publications are counted in the archive', () => {
    const copy = { ...found, objects: [{ class: 'index', schema: 'shop', count: 2 }] }
    expect(differences(expected, copy)).toEqual([])
  })

  it.each([
    ['a table that is gone', { ...found, tables: [] }],
    ['a table too many', { ...found, tables: [table, { ...table, name: 'more' }] }],
    ['rows', { ...found, tables: [{ ...table, rows: 2 }] }],
    ['a digest', { ...found, tables: [{ ...table, digest: '7' }] }],
    ['columns', { ...found, tables: [{ ...table, columns: ['a'] }] }],
    ['large objects', { ...found, largeObjects: { objects: 1, bytes: 5, digest: '8' } }],
    ['an index', { ...found, objects: [{ class: 'index', schema: 'shop', count: 1 }] }],
    [
      'an index too many',
      { ...found, objects: [...found.objects, { class: 'index', schema: 'other', count: 1 }] },
    ],
    ['an extension', { ...found, extensions: [] }],
  ])('differs by %s', (_, copy) => {
    expect(differences(expected, copy)).toHaveLength(1)
  })

  it('may have fewer objects, and no more, where not everything could be restored', () => {
    const objects = (count: number) => [{ class: 'index', schema: 'shop', count }]
    expect(differences(expected, { ...found, objects: objects(1) }, true)).toEqual([])
    expect(differences(expected, { ...found, objects: objects(3) }, true)).toHaveLength(1)
  })

  it('is only warned of where an extension has another version', () => {
    const copy = { ...found, extensions: [{ name: 'citext', version: '1.7' }] }
    const { differences: none, warnings } = compareContents(expected, copy, { inArchive: () => 1 })
    expect(none).toEqual([])
    expect(warnings).toHaveLength(1)
  })

  it.each<[string, Partial<SequenceInterval>, Partial<FoundSequence>, boolean]>([
    ['at rest', {}, {}, true],
    ['set back', {}, { value: '9' }, false],
    ['not called, though it was', {}, { called: false }, false],
    ['moved during the dump', { after: '20' }, { value: '15' }, true],
    ['before its interval', { after: '20' }, { value: '9' }, false],
    ['behind its interval', { after: '20' }, { value: '21' }, false],
    ['counting down', { before: '20', after: '10' }, { value: '15' }, true],
    ['begun anew', { before: '99', after: '2' }, { value: '1', cycles: true }, true],
    [
      'beyond what a number can hold',
      { before: '9007199254740993', after: '9007199254740993' },
      { value: '9007199254740992' },
      false,
    ],
  ])('has a sequence %s', (_, interval, value, equal) => {
    const sequence = {
      schema: 's',
      name: 'q',
      before: '10',
      after: '10',
      calledBefore: true,
      calledAfter: true,
      ...interval,
    }
    const there = { schema: 's', name: 'q', value: '10', called: true, cycles: false, ...value }
    expect(
      differences({ ...expected, sequences: [sequence] }, { ...found, sequences: [there] }),
    ).toHaveLength(equal ? 0 : 1)
  })
})
