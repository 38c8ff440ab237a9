import { describe, expect, it } from '@jest/globals'
import { compareSettings } from '../../../src/meilisearch/compare-settings.ts'

const compare = (sent: object, shown: object) =>
  compareSettings(Buffer.from(JSON.stringify(sent)), Buffer.from(JSON.stringify(shown)))

describe('settings that were sent and those that a server shows', () => {
  it.each([
    ['keys in another order', { faceting: { a: 1, b: 2 } }, { faceting: { b: 2, a: 1 } }],
    ['fields that nobody sent', {}, { prefixSearch: 'indexingTime' }],
    [
      'what an older dump did not know',
      { typoTolerance: { enabled: true } },
      { typoTolerance: { enabled: true, disableOnNumbers: false } },
    ],
    [
      'defaults of an embedder, and its key',
      { embedders: { d: { source: 'rest', apiKey: 'k' } } },
      { embedders: { d: { source: 'rest', apiKey: 'skXXXX...', headers: {} } } },
    ],
    [
      'a null that is not shown',
      { embedders: { d: { source: 'rest', dimensions: null } } },
      { embedders: { d: { source: 'rest' } } },
    ],
  ])('are equal but for %s', (_what, sent, shown) => {
    expect(compare(sent, shown)).toEqual([])
  })

  it.each([
    ['a field that the server lacks', { foreignKeys: [] }, {}, 'foreignKeys'],
    ['a value', { stopWords: ['a'] }, { stopWords: [] }, 'stopWords'],
    ['a synonym more', { synonyms: { a: ['b'] } }, { synonyms: { a: ['b'], c: ['d'] } }, 'synonyms'],
    ['an embedder less', { embedders: { d: {} } }, { embedders: {} }, 'embedders'],
    ['an embedder more', { embedders: {} }, { embedders: { d: {} } }, 'embedders'],
    [
      'other dimensions',
      { embedders: { d: { dimensions: 3 } } },
      { embedders: { d: { dimensions: 4 } } },
      'embedders',
    ],
    ['another limit', { pagination: { maxTotalHits: 1 } }, { pagination: { maxTotalHits: 2 } }, 'pagination'],
  ])('differ by %s', (_what, sent, shown, field) => {
    expect(compare(sent, shown)).toMatchObject([{ field }])
  })
})
