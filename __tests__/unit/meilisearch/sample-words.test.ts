import { describe, expect, it } from '@jest/globals'
import { sampleWords, type SearchSettings } from '../../../src/meilisearch/sample-words.ts'

const DEFAULTS: SearchSettings = {
  searchableAttributes: ['*'],
  stopWords: [],
  separatorTokens: [],
  nonSeparatorTokens: [],
  dictionary: [],
}
const words = (document: object, settings: Partial<SearchSettings> = {}) =>
  sampleWords(document as Record<string, unknown>, { ...DEFAULTS, ...settings })

describe('words that a document is looked for by', () => {
  it.each([
    ['plain ones', { t: 'Some words here' }, {}, ['some', 'words', 'here']],
    ['at most a few', { t: 'one two three four five six' }, {}, ['one', 'two', 'three', 'four', 'five']],
    [
      'those of nested fields and lists',
      { a: [{ b: 'inside' }] },
      { searchableAttributes: ['a.b'] },
      ['inside'],
    ],
    [
      'those of everything below a field',
      { a: { b: 'inside' } },
      { searchableAttributes: ['a'] },
      ['inside'],
    ],
    ['none that is not searched', { a: 'hidden', b: 'shown' }, { searchableAttributes: ['b'] }, ['shown']],
    ['none of vectors', { _vectors: { d: { note: 'word' } } }, {}, []],
    ['none longer than is indexed', { t: `${'x'.repeat(300)} short` }, {}, ['short']],
    ['no combining marks', { t: 'e\u0301te\u0301 cafe\u0301 plain' }, {}, ['plain']],
    [
      'no joined or numbered ones',
      { t: 'getUserName snake_case a1b2 foo-bar 123456 Straße plain' },
      {},
      ['plain'],
    ],
    ['no other scripts', { t: '東京都に住んでいます สวัสดีครับ مَرْحَبًا 😀 नमस्ते שָׁלוֹם' }, {}, []],
    ['no invisible joints', { t: 'soft\u00adhyphen می\u200cخواهم ﬁnance plain' }, {}, ['plain']],
    [
      'no stop words, however they are written',
      { t: 'Ete the word' },
      { stopWords: ['été', 'THE'] },
      ['word'],
    ],
    ['none that a separator cuts', { t: 'fooxxbar other' }, { separatorTokens: ['xx'] }, ['other']],
    ['none of the dictionary', { t: 'Tolkien wrote' }, { dictionary: ['J. R. R. Tolkien'] }, ['wrote']],
    ['none where white space joins', { t: 'two words' }, { nonSeparatorTokens: [' '] }, []],
    ['none that stands very far behind', { t: `${'a1 '.repeat(10_000)} behind` }, {}, []],
    ['no markup', { t: '<p>&nbsp;</p>' }, {}, []],
  ])('are %s', (_which, document, settings, expected) => {
    expect(words(document, settings)).toEqual(expected)
  })
})
