import { exactNumber } from './exact-json.ts'
import { Refusal } from './refusal.ts'

export type Settings = Record<string, unknown>

/** What an index has where nobody set anything, in the server's order. */
export function defaultSettings(): Settings {
  return {
    displayedAttributes: ['*'],
    searchableAttributes: ['*'],
    filterableAttributes: [],
    sortableAttributes: [],
    rankingRules: ['words', 'typo', 'proximity', 'attributeRank', 'sort', 'wordPosition', 'exactness'],
    stopWords: [],
    nonSeparatorTokens: [],
    separatorTokens: [],
    dictionary: [],
    synonyms: {},
    distinctAttribute: null,
    proximityPrecision: 'byWord',
    typoTolerance: {
      enabled: true,
      minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
      disableOnWords: [],
      disableOnAttributes: [],
      disableOnNumbers: false,
    },
    faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { '*': 'alpha' } },
    pagination: { maxTotalHits: 1000 },
    embedders: {},
    searchCutoffMs: null,
    localizedAttributes: null,
    facetSearch: true,
    prefixSearch: 'indexingTime',
  }
}

const RULES = [
  'words',
  'typo',
  'sort',
  'proximity',
  'attribute',
  'attributeRank',
  'wordPosition',
  'exactness',
]
/** Known to settings of dumps, shown by the API only with an experimental feature. */
const HIDDEN = ['foreignKeys', 'chat']

/** Throws what the server refuses at once. */
export function checkSettings(given: Settings): void {
  for (const key of Object.keys(given)) {
    if (HIDDEN.includes(key) || key in defaultSettings()) continue
    throw new Refusal(
      400,
      'bad_request',
      `Unknown field \`${key}\`: expected one of \`displayedAttributes\`.`,
    )
  }
  const rules = given['rankingRules']
  if (!Array.isArray(rules)) return
  rules.forEach((rule: unknown, index) => {
    const text = String(rule)
    if (RULES.includes(text) || /:(asc|desc)$/.test(text)) return
    throw new Refusal(
      400,
      'invalid_settings_ranking_rules',
      `Invalid value at \`.rankingRules[${index}]\`: \`${text}\` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, exactness and custom ranking rules.`,
    )
  })
}

/** What a task says that it set: in the server's order, sets sorted, keys hidden. */
export function taskDetails(given: Settings): Settings {
  const ordered: Settings = {}
  for (const key of Object.keys(defaultSettings())) {
    if (key in given) ordered[key] = key === 'stopWords' ? given[key] : normalized(key, given[key])
  }
  return hideKeys(ordered)
}

/** The settings after a PATCH: null resets, objects are merged, sets come back sorted. */
export function mergeSettings(before: Settings, given: Settings): Settings {
  const after = { ...before }
  for (const [key, value] of Object.entries(given)) {
    if (HIDDEN.includes(key)) continue
    const standard = defaultSettings()[key]
    if (value === null) after[key] = standard
    else if (key === 'embedders') after[key] = mergeEmbedders(before[key] as Settings, value as Settings)
    else if (['typoTolerance', 'faceting', 'pagination'].includes(key))
      after[key] = deepMerge(before[key], value)
    else after[key] = normalized(key, value)
  }
  return after
}

function mergeEmbedders(before: Settings, given: Settings): Settings {
  const after = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(given)) {
    if (value === null) after.delete(name)
    else after.set(name, embedder({ ...(before[name] as Settings | undefined), ...(value as Settings) }))
  }
  return Object.fromEntries(after)
}

/** In the server's order, with its defaults for embedders that ask a service. */
function embedder(given: Settings): Settings {
  const standard: Settings =
    given['source'] === 'userProvided'
      ? {}
      : { documentTemplateMaxBytes: 400, ...(given['source'] === 'rest' ? { headers: {} } : {}) }
  const all = { ...standard, ...given }
  const order = [
    'source',
    'model',
    'revision',
    'apiKey',
    'dimensions',
    'documentTemplate',
    'documentTemplateMaxBytes',
    'url',
    'request',
    'response',
    'headers',
  ]
  return Object.fromEntries(
    [...order, ...Object.keys(all)].filter((key) => key in all).map((key) => [key, all[key]]),
  )
}

/** As the API shows them. */
export function hideKeys(settings: Settings): Settings {
  const embedders = settings['embedders'] as Record<string, Settings> | undefined
  if (!embedders) return settings
  const hidden = Object.entries(embedders).map(([name, each]) => [
    name,
    typeof each['apiKey'] === 'string' ? { ...each, apiKey: hideSecret(each['apiKey']) } : each,
  ])
  return { ...settings, embedders: Object.fromEntries(hidden) as Settings }
}

export function hideSecret(secret: string): string {
  if (secret.length < 10) return 'XXX...'
  if (secret.length < 20) return `${secret.slice(0, 2)}XXXX...`
  if (secret.length < 30) return `${secret.slice(0, 3)}XXXXX...`
  return `${secret.slice(0, 5)}XXXXXX...`
}

function normalized(key: string, value: unknown): unknown {
  if (key === 'sortableAttributes') return (value as string[]).toSorted()
  if (key === 'stopWords') return (value as string[]).map((word) => word.normalize('NFD')).toSorted()
  if (key === 'synonyms') {
    return Object.fromEntries(Object.entries(value as Settings).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  return value
}

function deepMerge(before: unknown, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || exactNumber(given) !== undefined)
    return given
  const after = { ...(before as Settings) }
  for (const [key, value] of Object.entries(given)) after[key] = deepMerge(after[key], value)
  return after
}
