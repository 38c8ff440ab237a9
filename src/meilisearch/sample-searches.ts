import type { Finding } from '../catalog/verification.ts'
import type { MeilisearchClient } from './client.ts'
import { sampleWords, type SearchSettings } from './sample-words.ts'

/** A document that a search has to find again. */
export interface Sample {
  readonly uid: string
  readonly primaryKey: string
  /** The document. */
  readonly line: string
}

const LIMIT = 1000

/**
 * Searches for a word of each sample's own, and expects the document where hits show their keys and are all that there
 * are, else any hit: one of a few words has to do it. Where no word of a document is one that every Meilisearch finds
 * (`sample-words.ts`), the index is asked without words. Gives how many searches there were and what was not found.
 */
export async function sampleSearches(
  client: MeilisearchClient,
  samples: readonly Sample[],
): Promise<{ readonly searches: number; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = []
  for (const { uid, primaryKey, line } of samples) {
    const settings = JSON.parse((await client.settings(uid)).toString('utf8')) as IndexSettings
    const document = JSON.parse(line) as Record<string, unknown>
    const words = sampleWords(document, withLists(settings))
    const own = { uid, primaryKey, key: String(document[primaryKey]) }
    const found =
      words.length > 0 ? await byWords(client, own, { words, settings }) : await byNothing(client, own)
    if (found) findings.push(found)
  }
  return { searches: samples.length, findings }
}

interface IndexSettings extends Partial<SearchSettings> {
  readonly distinctAttribute?: string | null
  readonly pagination?: { readonly maxTotalHits?: number }
  readonly searchCutoffMs?: number | null
}

interface Own {
  readonly uid: string
  readonly primaryKey: string
  readonly key: string
}

/** Older servers do not know all of them. */
function withLists(settings: IndexSettings): SearchSettings {
  return {
    searchableAttributes: settings.searchableAttributes ?? ['*'],
    stopWords: settings.stopWords ?? [],
    separatorTokens: settings.separatorTokens ?? [],
    nonSeparatorTokens: settings.nonSeparatorTokens ?? [],
    dictionary: settings.dictionary ?? [],
  }
}

async function byWords(
  client: MeilisearchClient,
  { uid, primaryKey, key }: Own,
  { words, settings }: { readonly words: readonly string[]; readonly settings: IndexSettings },
): Promise<Finding | undefined> {
  const limit = Math.min(LIMIT, settings.pagination?.maxTotalHits ?? LIMIT)
  const what = `search of index ${uid} for words of the document ${key}`
  let finding: Finding = { what, expected: 'at least one hit', found: 'none' }
  for (const q of words) {
    const { hits } = await client.search(uid, { q, limit, attributesToRetrieve: [primaryKey] })
    if (hits.length === 0) continue
    const complete =
      hits.length < limit &&
      (settings.distinctAttribute ?? null) === null &&
      (settings.searchCutoffMs ?? null) === null &&
      hits.every((hit) => primaryKey in hit)
    if (!complete || hits.some((hit) => String(hit[primaryKey]) === key)) return undefined
    finding = { what, expected: 'the document among the hits', found: `${hits.length} others` }
  }
  return finding
}

/** Whatever its settings, an index that has documents gives some to who asks for none in particular. */
async function byNothing(
  client: MeilisearchClient,
  { uid, primaryKey, key }: Own,
): Promise<Finding | undefined> {
  const { hits } = await client.search(uid, { q: '', limit: 1, attributesToRetrieve: [primaryKey] })
  if (hits.length > 0) return undefined
  return {
    what: `search of index ${uid}, which has the document ${key}, without words`,
    expected: 'at least one hit',
    found: 'none',
  }
}
