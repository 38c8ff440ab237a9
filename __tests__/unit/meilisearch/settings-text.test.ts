import { describe, expect, it } from '@jest/globals'
import {
  headerPlaces,
  hiddenKeyPlaces,
  isHiddenKey,
  settingsDigest,
  withEmbedderKeys,
  withoutEmbedderKeys,
} from '../../../src/meilisearch/settings-text.ts'

const COMPOSITE = `{"stopWords":["apiKey"],"embedders":{"one":{"source":"openAi","apiKey":"sk-veXXXXXX..."},"both":{"source":"composite","searchEmbedder":{"source":"rest","apiKey":"sk-search","request":{"apiKey":"a word of the request"},"big":12345678901234567890},"indexingEmbedder":{"apiKey":"sk-indexing"}},"bare":{"source":"rest","headers":{}}},"faceting":null}`

describe('keys of embedders in the text of settings', () => {
  it('are taken out wherever an embedder has one, and nothing else is touched', () => {
    const { json, taken } = withoutEmbedderKeys(Buffer.from(COMPOSITE))
    expect(taken).toEqual(['one', 'both.searchEmbedder', 'both.indexingEmbedder'])
    expect(json).toBe(
      `{"stopWords":["apiKey"],"embedders":{"one":{"source":"openAi"},"both":{"source":"composite","searchEmbedder":{"source":"rest","request":{"apiKey":"a word of the request"},"big":12345678901234567890},"indexingEmbedder":{}},"bare":{"source":"rest","headers":{}}},"faceting":null}`,
    )
  })

  it('come back to their places', () => {
    const plain = withoutEmbedderKeys(Buffer.from(COMPOSITE)).json
    const keys = new Map([
      ['one', 'sk-$&'],
      ['both.searchEmbedder', 'sk-search'],
      ['both.indexingEmbedder', 'sk-indexing'],
    ])
    const json = withEmbedderKeys(Buffer.from(plain), (place) => keys.get(place))
    expect(JSON.parse(json)).toEqual({
      ...(JSON.parse(plain) as object),
      embedders: {
        one: { source: 'openAi', apiKey: 'sk-$&' },
        both: {
          source: 'composite',
          searchEmbedder: {
            source: 'rest',
            apiKey: 'sk-search',
            request: { apiKey: 'a word of the request' },
            // As JSON.parse reads it.
            big: Number('12345678901234567890'),
          },
          indexingEmbedder: { apiKey: 'sk-indexing' },
        },
        bare: { source: 'rest', headers: {} },
      },
    })
    expect(json).toContain('"big":12345678901234567890')
  })

  it('of which only a part is shown are told from whole ones', () => {
    expect(hiddenKeyPlaces(Buffer.from(COMPOSITE))).toEqual(['one'])
    const kept = withoutEmbedderKeys(Buffer.from(COMPOSITE), isHiddenKey).json
    expect(kept).toContain('"apiKey":"sk-search"')
    expect(kept).not.toContain('sk-veXX')
  })

  it('play no part in the digest', () => {
    const other = COMPOSITE.replace('sk-search', 'sk-other').replace('sk-veXXXXXX...', 'sk-in-clear')
    expect(settingsDigest(Buffer.from(other))).toBe(settingsDigest(Buffer.from(COMPOSITE)))
    const changed = COMPOSITE.replace('67890', '67891')
    expect(settingsDigest(Buffer.from(changed))).not.toBe(settingsDigest(Buffer.from(COMPOSITE)))
  })

  it('are not the only secrets: headers are found', () => {
    const headers = COMPOSITE.replace('"request"', '"headers":{"Authorization":"Bearer x"},"request"')
    expect(headerPlaces(Buffer.from(COMPOSITE))).toEqual([])
    expect(headerPlaces(Buffer.from(headers))).toEqual(['both.searchEmbedder'])
  })
})
