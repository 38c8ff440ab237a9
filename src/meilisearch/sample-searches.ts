import type { Finding } from '../catalog/verification.ts'
import type { MeilisearchClient } from './client.ts'

/** A document that a search has to find again. */
export interface Sample {
  readonly uid: string
  readonly primaryKey: string
  /** The document. */
  readonly line: string
}

/** Meilisearch takes no more words of a query. */
const WORDS = 6
const LIMIT = 1000

/**
 * Searches for words of each sample's own, in a field that is searchable, and expects to find something, the document
 * itself where hits show their keys and are all of them. Gives how many searches there were and what was not found.
 */
export async function sampleSearches(
  client: MeilisearchClient,
  samples: readonly Sample[],
): Promise<{ readonly searches: number; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = []
  let searches = 0
  for (const { uid, primaryKey, line } of samples) {
    const settings = JSON.parse((await client.settings(uid)).toString('utf8')) as SearchSettings
    const document = JSON.parse(line) as Record<string, unknown>
    const words = wordsOf(document, settings)
    if (words === undefined) continue
    searches += 1
    const { hits } = await client.search(uid, { q: words, limit: LIMIT, attributesToRetrieve: [primaryKey] })
    const what = `search of index ${uid} for words of the document ${String(document[primaryKey])}`
    if (hits.length === 0) findings.push({ what, expected: 'at least one hit', found: 'none' })
    else if (
      hits.length < LIMIT &&
      settings.distinctAttribute === null &&
      hits.every((hit) => primaryKey in hit) &&
      !hits.some((hit) => String(hit[primaryKey]) === String(document[primaryKey]))
    )
      findings.push({ what, expected: 'the document among the hits', found: `${hits.length} others` })
  }
  return { searches, findings }
}

interface SearchSettings {
  readonly searchableAttributes: readonly string[]
  readonly stopWords: readonly string[]
  readonly distinctAttribute: string | null
}

/** A few words of the first text that can be searched; undefined where there is none. */
function wordsOf(
  document: Readonly<Record<string, unknown>>,
  { searchableAttributes, stopWords }: SearchSettings,
): string | undefined {
  const stop = new Set(stopWords.map((word) => word.normalize('NFC').toLowerCase()))
  const all = searchableAttributes.includes('*')
  for (const [field, value] of Object.entries(document)) {
    if (typeof value !== 'string' || !(all || searchableAttributes.includes(field))) continue
    const words = (value.match(/[\p{L}\p{N}]{2,}/gu) ?? []).filter((word) => !stop.has(word.toLowerCase()))
    if (words.length > 0) return words.slice(0, WORDS).join(' ')
  }
  return undefined
}
