import type { IndexPlan } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import { hiddenKeyPlaces, withEmbedderKeys } from '../settings-text.ts'

/**
 * The settings of each index as JSON, with the keys of its embedders: `products.default` names the one of the embedder
 * "default" of the index "products", `products.both.searchEmbedder` one within a composite embedder. What the API
 * redacted is never written back, for it would silently take the place of the real one: throws `input` that names every
 * key that is missing.
 */
export function settingsWithKeys(
  plans: readonly IndexPlan[],
  keys: ReadonlyMap<string, string>,
): readonly string[] {
  const indexes = plans.map(({ uid, line, indexSettings, hiddenKeys }) => {
    const json = Buffer.from(JSON.stringify(indexSettings))
    return { uid, line, json, places: new Set([...hiddenKeyPlaces(json), ...hiddenKeys]) }
  })
  const missing = indexes.flatMap(({ uid, line, places }) =>
    [...places]
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
  return indexes.map(({ uid, json, places }) =>
    withEmbedderKeys(json, (place) => (places.has(place) ? keys.get(`${uid}.${place}`) : undefined)),
  )
}
