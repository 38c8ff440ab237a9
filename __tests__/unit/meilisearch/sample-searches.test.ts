import { describe, expect, it } from '@jest/globals'
import type { SearchAnswer } from '../../../src/meilisearch/client.ts'
import { sampleSearches } from '../../../src/meilisearch/sample-searches.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../../support/meilisearch-target.ts'

const SAMPLE = { uid: 'movies', primaryKey: 'id' }

/** A server with those settings, of which every search answers `hits`, and what it was asked. */
async function searched(
  document: object,
  settings: object,
  hits: (q: unknown) => SearchAnswer['hits'],
): Promise<{
  readonly findings: readonly unknown[]
  readonly searches: number
  readonly asked: readonly unknown[]
}> {
  await using target: MeilisearchTarget = await meilisearchTarget(Number.POSITIVE_INFINITY)
  await target.done(target.client.createIndex('movies', 'id'))
  await target.done(target.client.updateSettings('movies', JSON.stringify(settings)))
  const asked: unknown[] = []
  const client = {
    ...target.client,
    search: (_uid: string, query: Readonly<Record<string, unknown>>): Promise<SearchAnswer> => {
      asked.push(query['q'])
      return Promise.resolve({ hits: hits(query['q']) })
    },
  }
  const found = await sampleSearches(client, [{ ...SAMPLE, line: JSON.stringify(document) }])
  return { ...found, asked }
}

describe('sample searches', () => {
  it('find the document itself by one of its words', async () => {
    const { findings, asked } = await searched({ id: 7, t: 'first second' }, {}, (q) =>
      q === 'second' ? [{ id: 7 }] : [{ id: 8 }],
    )
    expect(findings).toEqual([])
    expect(asked).toEqual(['first', 'second'])
  })

  it('fail where nothing is found, or others only', async () => {
    expect((await searched({ id: 7, t: 'word' }, {}, () => [])).findings).toMatchObject([{ found: 'none' }])
    const others = await searched({ id: 7, t: 'word' }, {}, () => [{ id: 8 }])
    expect(others.findings).toMatchObject([{ expected: 'the document among the hits', found: '1 others' }])
  })

  it.each([
    ['the index shows only one of equal ones', { distinctAttribute: 'g' }, [{ id: 8 }]],
    ['the index shows no keys', {}, [{ t: 'word' }]],
    ['the index stops searching early', { searchCutoffMs: 1 }, [{ id: 8 }]],
    ['there may be more than the index shows', { pagination: { maxTotalHits: 1 } }, [{ id: 8 }]],
  ])('take any hit where %s', async (_why, settings, hits) => {
    expect((await searched({ id: 7, t: 'word' }, settings, () => hits)).findings).toEqual([])
  })

  it('ask without words where none is sure to be found, and can fail then too', async () => {
    const { findings, searches, asked } = await searched({ id: 7, t: '東京都' }, {}, () => [{ id: 8 }])
    expect([findings, searches, asked]).toEqual([[], 1, ['']])
    expect((await searched({ id: 7 }, {}, () => [])).findings).toHaveLength(1)
  })
})
