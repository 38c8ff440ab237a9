import type { IndexSettings } from '../catalog/reindex.ts'

/** The API shows at most the first five characters of a key of an embedder, and this behind them. */
const REDACTED = /^.{0,5}X{3,6}\.\.\.$/s

/** Where keys of embedders are redacted in an index's settings: `default`, or `default.searchEmbedder` in a composite one. */
export function redactedKeys(settings: IndexSettings): string[] {
  return search(settings['embedders'], [])
}

/** The settings with each redacted key replaced by the one that `keys` has for its place. */
export function withEmbedderKeys(settings: IndexSettings, keys: ReadonlyMap<string, string>): IndexSettings {
  if (settings['embedders'] === undefined) return settings
  return { ...settings, embedders: replaced(settings['embedders'], [], keys) }
}

function search(value: unknown, path: readonly string[]): string[] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, inside]) =>
    isRedacted(name, inside) ? [path.join('.')] : search(inside, [...path, name]),
  )
}

function replaced(value: unknown, path: readonly string[], keys: ReadonlyMap<string, string>): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [
      name,
      isRedacted(name, inside)
        ? (keys.get(path.join('.')) ?? inside)
        : replaced(inside, [...path, name], keys),
    ]),
  )
}

function isRedacted(name: string, value: unknown): boolean {
  return name === 'apiKey' && typeof value === 'string' && REDACTED.test(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
