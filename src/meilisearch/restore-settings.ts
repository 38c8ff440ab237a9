import { LifeboatError } from '../errors.ts'
import type { MeilisearchContents } from './contents.ts'
import { apiSettings } from './features.ts'
import { withApart, type Embedder } from './importable-settings.ts'
import type { InspectedArchive, InspectedIndex } from './inspect-archive.ts'
import { hiddenKeyPlaces, isHiddenKey, withEmbedderKeys, withoutEmbedderKeys } from './settings-text.ts'

/** Instead of a key: the embedder comes back without one, or, where it cannot be set up so, not at all. */
const WAIVED = 'waived'

/**
 * What is sent as settings of each index, with the keys of its embedders, and those back in their place that stood apart
 * from the dump. Throws `input` where a key is missing, before anything is touched: an embedder with half a key fails
 * silently.
 */
export function settingsWithKeys(
  { indexes, features }: InspectedArchive,
  contents: MeilisearchContents | undefined,
  given: ReadonlyMap<string, string>,
): (index: InspectedIndex) => string {
  const recordOf = (uid: string) => contents?.indexes.find((index) => index.uid === uid)
  const isWaived = (place: string): boolean => given.get(place) === WAIVED
  const needed = indexes.flatMap(({ uid, settings }) => {
    const recorded = recordOf(uid)?.hiddenKeys ?? []
    return [...new Set([...recorded, ...hiddenKeyPlaces(settings)])].map((place) => `${uid}.${place}`)
  })
  const missing = needed.filter((place) => !given.has(place) && !isWaived(embedderOf(place)))
  if (missing.length > 0) {
    throw new LifeboatError(
      'input',
      `The backup does not have the API keys of ${missing.length} embedder(s): ${missing.join(', ')}.`,
      {
        hint: `Nothing was touched, and Meilisearch shows them to nobody. Give them from a secret: meili-embedder-keys, a line each: ${missing[0] ?? ''}=<key>; or ${missing[0] ?? ''}=${WAIVED}, to go without.`,
      },
    )
  }
  return ({ uid, settings }) => {
    const plain = Buffer.from(withoutEmbedderKeys(settings, isHiddenKey).json)
    const apart = Object.entries(recordOf(uid)?.apart ?? {}).filter(([name]) => {
      const place = `${uid}.${name}`
      return ![place, ...needed.filter((each) => each.startsWith(`${place}.`))].some(isWaived)
    })
    const whole = Buffer.from(withApart(plain, Object.fromEntries<Embedder>(apart)))
    const json = withEmbedderKeys(whole, (place) => {
      const key = given.get(`${uid}.${place}`)
      return key === WAIVED ? undefined : key
    })
    return apiSettings(json, features)
  }
}

/** What was waived, for whoever comes after. */
export function waivedNotes(keys: ReadonlyMap<string, string>): string[] {
  const waived = [...keys].filter(([, key]) => key === WAIVED).map(([place]) => place)
  return waived.length > 0
    ? [
        `These embedders have no API key until you set one: ${waived.join(', ')}. One that Meilisearch asks when it sets it up is not there at all: its settings are in the contents artifact.`,
      ]
    : []
}

/** `products.both` of `products.both.searchEmbedder`: a uid has no dot. */
function embedderOf(place: string): string {
  return place.replace(/\.(?:searchEmbedder|indexingEmbedder)$/, '')
}
