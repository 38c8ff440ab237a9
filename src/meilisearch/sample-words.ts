/** Settings of an index on which it depends what a word of a search finds. */
export interface SearchSettings {
  readonly searchableAttributes: readonly string[]
  readonly stopWords: readonly string[]
  readonly separatorTokens: readonly string[]
  readonly nonSeparatorTokens: readonly string[]
  readonly dictionary: readonly string[]
}

/** A word, or several: one of them has to be found. */
const MOST_WORDS = 5
/** How far into a text: words that stand behind a great many others are not indexed. */
const READ_CHARACTERS = 20_000

/**
 * Words of a document that every Meilisearch finds, whatever the index's settings: between white space, of plain Latin
 * letters, written small (or with one large letter in front), neither short nor long, none that the index's stop words,
 * separators or dictionary speak of. How other scripts, marks, numbers and joined words are taken apart is decided by
 * the server; such words are not asked for. Empty where the document has none.
 */
export function sampleWords(
  document: Readonly<Record<string, unknown>>,
  settings: SearchSettings,
): readonly string[] {
  const { stopWords, separatorTokens, nonSeparatorTokens, dictionary } = settings
  // White space that separates nothing leaves no word of which the ends are known.
  if (nonSeparatorTokens.some((token) => /\s/.test(token))) return []
  const stop = new Set(stopWords.map(plain))
  const [separators, entries] = [separatorTokens.map(plain), dictionary.map(plain)]
  const found = new Set<string>()
  for (const text of searchableTexts(document, settings.searchableAttributes)) {
    for (const word of text.slice(0, READ_CHARACTERS).split(/\s+/)) {
      const small = plain(word)
      if (!/^[A-Za-z][a-z]{2,29}$/.test(word) || stop.has(small)) continue
      if (separators.some((token) => token !== '' && small.includes(token))) continue
      if (entries.some((entry) => entry.includes(small) || (entry !== '' && small.includes(entry)))) continue
      found.add(small)
      if (found.size >= MOST_WORDS) return [...found]
    }
  }
  return [...found]
}

/** As Meilisearch compares words: without marks and case. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** The texts of a document that a search looks into, one of several values each. */
function* searchableTexts(
  document: Readonly<Record<string, unknown>>,
  attributes: readonly string[],
): Generator<string> {
  const isSearchable = (path: string): boolean =>
    attributes.some((each) => each === '*' || path === each || path.startsWith(`${each}.`))
  for (const [path, text] of textsOf(document, '')) if (isSearchable(path)) yield text
}

function* textsOf(value: unknown, path: string): Generator<readonly [path: string, text: string]> {
  if (typeof value === 'string') yield [path, value]
  else if (Array.isArray(value)) for (const each of value as unknown[]) yield* textsOf(each, path)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      if (path === '' && /^_(?:vectors|geo|geojson)$/.test(name)) continue
      yield* textsOf(each, path === '' ? name : `${path}.${name}`)
    }
  }
}
