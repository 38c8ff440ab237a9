import { describe, expect, it } from '@jest/globals'
import { apiSettings, featuresOf } from '../../../src/meilisearch/features.ts'

const SETTINGS = JSON.stringify({
  stopWords: [],
  chat: { description: '' },
  foreignKeys: [],
  searchCutoffMs: null,
})

describe('settings of a dump for the API', () => {
  it('lose what the API takes only with a feature that is off', () => {
    expect(apiSettings(SETTINGS, [])).toBe('{"stopWords":[],"searchCutoffMs":null}')
    expect(apiSettings(SETTINGS, ['chatCompletions', 'foreignKeys'])).toBe(SETTINGS)
  })

  it('name the features that they need, of those that were on', () => {
    const on = ['metrics', 'chatCompletions', 'compositeEmbedders', 'multimodal', 'foreignKeys']
    const composite = { embedders: { d: { source: 'composite', searchEmbedder: {} } } }
    const fragments = { embedders: { d: { source: 'rest', indexingFragments: {} } } }
    expect(featuresOf(SETTINGS, on)).toEqual(['chatCompletions', 'foreignKeys'])
    expect(featuresOf(JSON.stringify(composite), on)).toEqual(['compositeEmbedders'])
    expect(featuresOf(JSON.stringify(fragments), on)).toEqual(['multimodal'])
    expect(featuresOf('{"stopWords":[]}', on)).toEqual([])
    expect(featuresOf(SETTINGS, [])).toEqual([])
  })
})
