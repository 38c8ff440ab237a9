import { describe, expect, it } from '@jest/globals'
import { parseDeclarations } from '../../../../src/meilisearch/reindex/declarations.ts'

const FULL = `
indexes:
  - uid: products
    primary-key: id
    query: |
      SELECT id, title FROM shop.products; -- all; of them
      ;
    settings:
      searchableAttributes: [title]
    timeout: 5m
  - uid: reviews
    primary-key: id
    query: TABLE shop.reviews
    settings-file: search/reviews.json
    may-be-empty: true
  - uid: pages
    primary-key: slug
    query: SELECT slug FROM shop.pages
    settings-from: backup
  - uid: pages-new
    primary-key: slug
    query: SELECT slug FROM shop.pages
    settings-from: backup:pages
`

describe('a file that declares indexes', () => {
  it('is read with the line of each index', () => {
    expect(parseDeclarations(FULL, 'x.yml')).toEqual([
      {
        uid: 'products',
        primaryKey: 'id',
        sql: 'SELECT id, title FROM shop.products; -- all; of them',
        settings: { kind: 'inline', settings: { searchableAttributes: ['title'] } },
        timeoutMs: 300_000,
        mayBeEmpty: false,
        line: 3,
      },
      expect.objectContaining({
        uid: 'reviews',
        settings: { kind: 'file', path: 'search/reviews.json' },
        timeoutMs: 600_000,
        mayBeEmpty: true,
        line: 11,
      }),
      expect.objectContaining({ uid: 'pages', settings: { kind: 'backup', uid: 'pages' } }),
      expect.objectContaining({ uid: 'pages-new', settings: { kind: 'backup', uid: 'pages' } }),
    ])
  })

  it('is told everything that is wrong with it at once, by line', () => {
    const wrong = `
indexes:
  - uid: not valid!
    primary-key: id
    query: SELECT 1
    settings: {}
  - uid: b
    primarykey: id
    query: " ; "
    settings: {}
    settings-file: x.json
    timeout: 10
`
    const told = catchMessage(() => parseDeclarations(wrong, 'x.yml')).split('\n')
    expect(told[0]).toBe('The indexes declared in x.yml are not valid.')
    expect(told.slice(1).map((line) => line.slice(0, 40))).toEqual([
      expect.stringMatching(/^line 3: indexes\.0\.uid: is no uid/),
      expect.stringMatching(/^line 7: indexes\.1\.primary-key/),
      expect.stringMatching(/^line 9: indexes\.1\.query: is empty/),
      expect.stringMatching(/^line 12: indexes\.1\.timeout/),
      expect.stringMatching(/^line 8: indexes\.1\.primarykey/),
    ])
  })

  it.each([
    ['an empty file', '', /line 1: indexes/],
    ['no index', 'indexes: []\n', /line 1: indexes: names no index/],
    ['bad YAML', 'indexes: [a\nb: }', /line 2/],
    [
      'no settings',
      'indexes:\n  - uid: a\n    primary-key: id\n    query: SELECT 1\n',
      /line 2: indexes\.0: needs exactly one of settings, settings-file, settings-from/,
    ],
    [
      'two kinds of settings',
      'indexes:\n  - uid: a\n    primary-key: id\n    query: SELECT 1\n    settings: {}\n    settings-file: x.json\n',
      /line 2: indexes\.0: needs exactly one/,
    ],
    [
      'settings from elsewhere',
      'indexes:\n  - uid: a\n    primary-key: id\n    query: SELECT 1\n    settings-from: live\n',
      /line 5: indexes\.0\.settings-from: is neither backup/,
    ],
    [
      'an index that stands there twice',
      'indexes:\n' + '  - {uid: a, primary-key: id, query: SELECT 1, settings: {}}\n'.repeat(2),
      /line 3: indexes\.1\.uid: "a" stands in line 2 already/,
    ],
  ])('names the line of %s', (_, text, message) => {
    expect(() => parseDeclarations(text, 'x.yml')).toThrow(message)
  })
})

function catchMessage(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error('nothing was thrown')
}
