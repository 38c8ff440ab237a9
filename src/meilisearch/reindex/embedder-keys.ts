import type { IndexPlan, IndexSettings } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import { redactedKeys, withEmbedderKeys } from '../redacted-keys.ts'

/**
 * The settings of each index with the keys of its embedders: `products.default` names the one of the embedder "default"
 * of the index "products". What the API redacted is never written back, for it would silently take the place of the real
 * one: throws `input` that names every key that is missing.
 */
export function settingsWithKeys(
  plans: readonly IndexPlan[],
  keys: ReadonlyMap<string, string>,
): IndexSettings[] {
  const missing = plans.flatMap(({ uid, line, indexSettings, hiddenKeys }) =>
    [...new Set([...redactedKeys(indexSettings), ...hiddenKeys])]
      .map((place) => `${uid}.${place}`)
      .filter((place) => !keys.has(place))
      .map((place) => ({ place, line })),
  )
  if (missing.length > 0) {
    throw new LifeboatError(
      'input',
      [
        'Keys of embedders are not in the settings, for Meilisearch shows them to nobody; nothing was touched.',
        ...missing.map(({ place, line }) => `line ${line}: the key of ${place}`),
      ].join('\n'),
      {
        hint: `Give them from a secret: meili-embedder-keys, a line each: ${missing[0]?.place ?? ''}=<key>.`,
      },
    )
  }
  return plans.map(({ uid, indexSettings, hiddenKeys }) => {
    const own = [...keys]
      .filter(([place]) => place.startsWith(`${uid}.`))
      .map(([place, key]) => [place.slice(uid.length + 1), key] as const)
    return withEmbedderKeys(withPlaces(indexSettings, hiddenKeys), new Map(own))
  })
}

/** Where a backup left a key out, a redacted one marks its place. */
function withPlaces(settings: IndexSettings, hiddenKeys: readonly string[]): IndexSettings {
  const { embedders } = settings
  if (typeof embedders !== 'object' || embedders === null) return settings
  const marked = Object.entries(embedders).map(([name, embedder]: [string, unknown]) => [
    name,
    hiddenKeys.includes(name) && typeof embedder === 'object' ? { ...embedder, apiKey: 'XXX...' } : embedder,
  ])
  return { ...settings, embedders: Object.fromEntries(marked) as unknown }
}
