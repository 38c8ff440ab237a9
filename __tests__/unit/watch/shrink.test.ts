import { describe, expect, it } from '@jest/globals'
import type { PostgresManifest } from '../../../src/catalog/manifest.ts'
import { findShrinkage } from '../../../src/watch/shrink.ts'

type Subject = Pick<PostgresManifest, 'id' | 'source' | 'server' | 'contents'>

function holding(
  tables: readonly { oid: number; rows: number | null; bytes: number }[],
  systemIdentifier = '7',
): Subject {
  const rows = tables.map((table) => table.rows)
  return {
    id: '20261122T021500Z-1a2b3c',
    source: 'postgres',
    server: {
      version: '15.18',
      versionNumber: 150_018,
      systemIdentifier,
      standby: false,
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'libc',
      locale: null,
    },
    contents: {
      fingerprint: 'digest',
      databaseBytes: 1,
      tables: tables.length,
      rows: rows.includes(null) ? null : rows.reduce<number>((sum, count) => sum + (count ?? 0), 0),
      largeObjects: 0,
      perTable: [...tables],
    },
  }
}

const MIB = 2 ** 20
const limits = { warn: 0.5, fail: 0.9 }
const texts = (now: Subject, before: Subject): string[] =>
  findShrinkage(now, before, limits).map(({ severity, text }) => `${severity}: ${text}`)

describe('findShrinkage', () => {
  it('compares documents of Meilisearch index by index', () => {
    const indexes = (counts: readonly number[]): Parameters<typeof findShrinkage>[1] => ({
      id: '20261122T021500Z-1a2b3c',
      source: 'meilisearch',
      server: { version: '1.50.0' },
      contents: {
        way: 'api',
        indexes: counts.length,
        documents: counts.reduce((sum, count) => sum + count, 0),
        bytes: 0,
        keys: 0,
        redacted: 0,
        perIndex: counts.map((documents, i) => ({
          index: String(i).padStart(16, '0'),
          documents,
          bytes: documents * 10,
          documentsDigest: '0'.repeat(64),
          settingsDigest: '0'.repeat(64),
          consistent: true,
        })),
      },
    })
    const found = findShrinkage(indexes([1000, 0]), indexes([1000, 200]), limits).map(({ text }) => text)
    expect(found).toEqual([
      'Index with id 0000000000000001: 0 documents, 100 % fewer than the 200 of backup 20261122T021500Z-1a2b3c.',
    ])
    expect(findShrinkage(indexes([1]), holding([]), limits)[0]?.text).toContain('is one of postgres')
  })

  const full = holding([
    { oid: 1, rows: 1000, bytes: 4 * MIB },
    { oid: 2, rows: 3000, bytes: 8 * MIB },
  ])

  it('is silent about a database that grows or stays', () => {
    expect(texts(full, full)).toEqual([])
    expect(texts(holding([...full.contents.perTable, { oid: 3, rows: 5, bytes: 0 }]), full)).toEqual([])
  })

  it('fails an emptied database', () => {
    const emptied = holding(full.contents.perTable.map((table) => ({ ...table, rows: 0, bytes: 0 })))
    expect(
      texts(emptied, full).filter((text) => text.startsWith('failure: All tables together')),
    ).toHaveLength(2)
  })

  it('fails one emptied table among many that are whole', () => {
    const one = holding([
      { oid: 1, rows: 0, bytes: 4 * MIB },
      { oid: 2, rows: 3000, bytes: 8 * MIB },
    ])
    expect(texts(one, full)).toEqual([expect.stringMatching(/^failure: Table with OID 1: 0 rows, 100 %/)])
  })

  it('warns between the two limits', () => {
    const less = holding([
      { oid: 1, rows: 300, bytes: 4 * MIB },
      { oid: 2, rows: 3000, bytes: 8 * MIB },
    ])
    expect(texts(less, full)).toEqual([expect.stringMatching(/^warning: Table with OID 1: 300 rows, 70 %/)])
  })

  it('names a table that is gone', () => {
    const gone = holding([{ oid: 2, rows: 3000, bytes: 8 * MIB }])
    expect(texts(gone, full).join()).toContain('OID 1, which is gone')
  })

  it('says nothing of a small table that comes and goes', () => {
    const queue = (rows: number): Subject =>
      holding([...full.contents.perTable, { oid: 9, rows, bytes: 8192 }])
    expect(texts(queue(0), queue(40))).toEqual([])
  })

  it('notices emptied columns by bytes where the rows stayed', () => {
    const slim = holding([
      { oid: 1, rows: 1000, bytes: 4 * MIB },
      { oid: 2, rows: 3000, bytes: MIB },
    ])
    expect(texts(slim, full).join()).toContain('Table with OID 2')
  })

  it('compares bytes where rows were not counted', () => {
    const uncounted = (bytes: number): Subject => holding([{ oid: 1, rows: null, bytes }])
    expect(texts(uncounted(0), uncounted(MIB)).join()).toMatch(/failure: .*bytes/)
  })

  it('says loudly that the cluster is another one, and then compares totals only', () => {
    const moved = holding(
      full.contents.perTable.map((table) => ({ ...table, oid: table.oid + 100 })),
      '8',
    )
    expect(texts(moved, full)).toEqual([expect.stringContaining('another database cluster')])
    const emptied = holding([{ oid: 101, rows: 0, bytes: 0 }], '8')
    expect(texts(emptied, full).some((text) => text.startsWith('failure: All tables together'))).toBe(true)
  })
})
