import { describe, expect, it } from '@jest/globals'
import {
  importableSettings,
  measureVectors,
  withApart,
  withoutDimensions,
} from '../../../src/meilisearch/importable-settings.ts'

const REST = { source: 'rest', url: 'http://127.0.0.1:9', request: '{{text}}', response: '{{embedding}}' }
const COMPOSITE = {
  source: 'composite',
  searchEmbedder: { ...REST, dimensions: 3 },
  indexingEmbedder: { ...REST, dimensions: 3 },
}
const settings = (embedder: object): Buffer =>
  Buffer.from(JSON.stringify({ stopWords: [], embedders: { d: embedder }, searchCutoffMs: null }))
const imported = (embedder: object, dimensions?: number) => {
  const known = new Map(dimensions === undefined ? [] : [['d', dimensions]])
  const { json, apart } = importableSettings(settings(embedder), known)
  return { ...(JSON.parse(json) as { embedders: Record<string, unknown> }), apart }
}

/** What each kind does when it is set up was seen on Meilisearch 1.50. */
describe('embedders in a dump', () => {
  it.each([
    ['userProvided', { source: 'userProvided', dimensions: 3 }],
    ['openAi', { source: 'openAi', model: 'text-embedding-3-small' }],
    ['openAi by default', { model: 'text-embedding-3-small' }],
    ['huggingFace', { source: 'huggingFace', model: 'BAAI/bge-base-en-v1.5' }],
    ['rest with dimensions', { ...REST, dimensions: 3 }],
    ['ollama with dimensions', { source: 'ollama', model: 'nomic-embed-text', dimensions: 3 }],
  ])('stay as they are where a server asks nobody: %s', (_kind, embedder) => {
    for (const known of [undefined, 3])
      expect(imported(embedder, known)).toMatchObject({ embedders: { d: embedder }, apart: {} })
    expect(withoutDimensions(settings(embedder))).toEqual([])
  })

  it.each([
    ['rest', REST],
    ['rest with null', { ...REST, dimensions: null }],
    ['ollama', { source: 'ollama', model: 'nomic-embed-text' }],
  ])('get the dimensions that vectors have: %s', (_kind, embedder) => {
    expect(withoutDimensions(settings(embedder))).toEqual(['d'])
    expect(imported(embedder, 4)).toMatchObject({
      embedders: { d: { ...embedder, dimensions: 4 } },
      apart: {},
    })
    expect(imported(embedder)).toMatchObject({ embedders: {}, apart: { d: embedder } })
    expect(imported(embedder).embedders).not.toHaveProperty('d')
  })

  it('stand apart where a server asks in any case: composite ones', () => {
    expect(imported(COMPOSITE, 3)).toMatchObject({ embedders: {}, apart: { d: COMPOSITE } })
    expect(imported(COMPOSITE, 3).embedders).toEqual({})
  })

  it('that stood apart come back beside the others, and the rest of the settings stays', () => {
    const own = { source: 'userProvided', dimensions: 3 }
    const both = Buffer.from(
      JSON.stringify({ a: 1, embedders: { own, both: COMPOSITE }, z: 12345678901234567890n.toString() }),
    )
    const { json, apart } = importableSettings(both, new Map())
    expect(JSON.parse(json)).toMatchObject({ embedders: { own } })
    expect(JSON.parse(withApart(Buffer.from(json), apart))).toEqual(JSON.parse(both.toString()))
    expect(withApart(Buffer.from('{"n":12345678901234567890}'), apart)).toContain('12345678901234567890')
  })
})

describe('the length of vectors', () => {
  it.each([
    [[1, 2, 3], 3],
    [
      [
        [1, 2],
        [3, 4],
      ],
      2,
    ],
    [{ embeddings: [1, 2], regenerate: false }, 2],
    [{ embeddings: [[1, 2, 3, 4]], regenerate: true }, 4],
    [{ embeddings: [], regenerate: true }, undefined],
    [null, undefined],
    ['x', undefined],
  ])('is told by %j', (value, length) => {
    const found = new Map<string, number>()
    measureVectors({ d: value }, found)
    expect(found.get('d')).toBe(length)
  })

  it('is that of the first document that has one', () => {
    const found = new Map<string, number>()
    for (const each of [undefined, null, [1], { d: null }, { d: [1, 2] }, { d: [1], e: [1] }])
      measureVectors(each, found)
    expect([...found]).toEqual([
      ['d', 2],
      ['e', 1],
    ])
  })
})
