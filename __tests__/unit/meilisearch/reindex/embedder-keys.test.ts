import { describe, expect, it } from '@jest/globals'
import type { IndexPlan, IndexSettings } from '../../../../src/catalog/reindex.ts'
import { settingsWithKeys } from '../../../../src/meilisearch/reindex/embedder-keys.ts'

const plan = (
  uid: string,
  line: number,
  indexSettings: IndexSettings,
  hiddenKeys: readonly string[] = [],
): IndexPlan => ({
  uid,
  primaryKey: 'id',
  sql: 'SELECT 1 AS id',
  settings: { kind: 'inline', settings: indexSettings },
  timeoutMs: 1,
  mayBeEmpty: false,
  line,
  indexSettings,
  hiddenKeys,
  features: [],
})
const COMPOSITE = {
  stopWords: ['XXX...'],
  embedders: {
    both: {
      source: 'composite',
      searchEmbedder: { source: 'openAi', apiKey: 'sk-veXXXXXX...' },
      indexingEmbedder: { source: 'openAi', apiKey: 'skXXXX...' },
    },
    plain: { source: 'userProvided', dimensions: 3 },
    real: { source: 'openAi', apiKey: 'sk-a-real-one' },
  },
}

const parsed = (...given: Parameters<typeof settingsWithKeys>): unknown[] =>
  settingsWithKeys(...given).map((json) => JSON.parse(json) as unknown)

describe('keys of embedders', () => {
  it('that are redacted are asked for, all at once and by line', () => {
    const plans = [plan('a', 2, COMPOSITE), plan('b', 9, { embedders: { default: { apiKey: 'XXX...' } } })]
    expect(() => settingsWithKeys(plans, new Map([['a.both.indexingEmbedder', 'k']]))).toThrow(
      /line 2: the key of a\.both\.searchEmbedder\nline 9: the key of b\.default$/,
    )
  })

  it('that a backup left out are asked for and put in', () => {
    const hidden = plan('a', 2, { embedders: { open: { source: 'openAi' }, other: {} } }, ['open'])
    expect(() => settingsWithKeys([hidden], new Map())).toThrow(/line 2: the key of a\.open$/)
    expect(parsed([hidden], new Map([['a.open', 'sk']]))).toEqual([
      { embedders: { open: { source: 'openAi', apiKey: 'sk' }, other: {} } },
    ])
    const nested = plan('a', 2, { embedders: { both: { searchEmbedder: {} } } }, ['both.searchEmbedder'])
    expect(() => settingsWithKeys([nested], new Map())).toThrow('the key of a.both.searchEmbedder')
    expect(parsed([nested], new Map([['a.both.searchEmbedder', 'sk']]))).toEqual([
      { embedders: { both: { searchEmbedder: { apiKey: 'sk' } } } },
    ])
  })

  it('take the place of what is redacted, and of nothing else', () => {
    const keys = new Map([
      ['a.both.searchEmbedder', 'one'],
      ['a.both.indexingEmbedder', 'two'],
      ['a.real', 'unused'],
    ])
    expect(parsed([plan('a', 2, COMPOSITE)], keys)).toEqual([
      {
        ...COMPOSITE,
        embedders: {
          ...COMPOSITE.embedders,
          both: {
            source: 'composite',
            searchEmbedder: { source: 'openAi', apiKey: 'one' },
            indexingEmbedder: { source: 'openAi', apiKey: 'two' },
          },
        },
      },
    ])
  })
})
