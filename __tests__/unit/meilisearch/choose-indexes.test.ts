import { describe, expect, it } from '@jest/globals'
import { chooseIndexes } from '../../../src/meilisearch/choose-indexes.ts'
import type { InspectedArchive } from '../../../src/meilisearch/inspect-archive.ts'

const archive = (...uids: string[]): InspectedArchive => ({
  dumpVersion: 'V6',
  serverVersion: '1.50.0',
  time: '2026-11-22T02:15:00Z',
  indexes: uids.map((uid) => ({
    uid,
    primaryKey: 'id',
    documents: 1,
    bytes: 9,
    documentsDigest: '0'.repeat(64),
    settingsDigest: '0'.repeat(64),
    hiddenKeys: [],
    dimensions: new Map<string, number>(),
    settings: Buffer.from('{}'),
  })),
  keys: [],
  features: [],
  webhooks: 0,
})
const chosen = (only: string[], ...uids: string[]): string[] =>
  chooseIndexes(archive(...uids), only).indexes.map(({ uid }) => uid)

describe('the indexes that are restored', () => {
  it('are all of them where nothing is asked for, else those alone', () => {
    expect(chosen([], 'a', 'b')).toEqual(['a', 'b'])
    expect(chosen(['b'], 'a', 'b', 'bb')).toEqual(['b'])
    expect(chosen(['new-*', 'a'], 'a', 'new-1', 'new-2', 'a-new-1')).toEqual(['a', 'new-1', 'new-2'])
  })

  it('are asked for in vain where there is none of the name', () => {
    expect(() => chosen(['b', 'c'], 'a', 'b')).toThrow('only: there is no index "c" in the dump')
    expect(() => chosen(['a*'], 'b', 'c')).toThrow(
      expect.objectContaining({ code: 'input', hint: 'It has: b, c.' }),
    )
  })
})
