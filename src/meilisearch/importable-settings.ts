import { withMember, withoutMember } from './json-members.ts'
import { memberOf, textOf } from './json-text.ts'
import { isComposite, mapTopEmbedders } from './settings-text.ts'

/** Settings that a server takes from a dump without asking any embedder. */
export interface ImportableSettings {
  readonly json: string
  /** Embedders that are not in `json`, by name, without keys. */
  readonly apart: Readonly<Record<string, Embedder>>
}

export type Embedder = Readonly<Record<string, unknown>>

/** These find their dimensions out by having something embedded. */
const ASK_FOR_DIMENSIONS = ['"rest"', '"ollama"']

/**
 * A server that sets up a `rest` or `ollama` embedder without dimensions, or any composite one, has a text embedded;
 * where that fails, as it does without the key, `--import-dump` gives up, and with it all indexes. So dimensions are
 * written where vectors tell them, and what cannot be set up in silence stands apart. `json` are settings without keys.
 */
export function importableSettings(
  json: Uint8Array,
  dimensions: ReadonlyMap<string, number>,
): ImportableSettings {
  const apart: Record<string, Embedder> = {}
  const text = mapTopEmbedders(json, (name, embedder) => {
    const way = settingUp(embedder)
    const known = dimensions.get(name)
    if (way === 'silent') return embedder.toString('utf8')
    if (way === 'asks-dimensions' && known !== undefined)
      return withMember(embedder, 'dimensions', String(known))
    apart[name] = JSON.parse(embedder.toString('utf8')) as Embedder
    return undefined
  })
  return { json: text, apart }
}

/** Names of embedders whose dimensions only vectors tell. */
export function withoutDimensions(json: Uint8Array): readonly string[] {
  const found: string[] = []
  mapTopEmbedders(json, (name, embedder) => {
    if (settingUp(embedder) === 'asks-dimensions') found.push(name)
    return undefined
  })
  return found
}

/** Puts embedders that stood apart back. */
export function withApart(json: Uint8Array, apart: Readonly<Record<string, Embedder>>): string {
  const found = memberOf(json, 'embedders')
  const names = Object.keys(apart)
  if (names.length === 0) return Buffer.from(json).toString('utf8')
  const own = found ? textOf(json, found) : '{}'
  const all = names.reduce(
    (text, name) => withMember(Buffer.from(text), name, JSON.stringify(apart[name])),
    own === 'null' ? '{}' : own,
  )
  return withMember(json, 'embedders', all)
}

/** Remembers how many numbers the vectors of a document's `_vectors` have, by embedder. */
export function measureVectors(vectors: unknown, into: Map<string, number>): void {
  if (typeof vectors !== 'object' || vectors === null || Array.isArray(vectors)) return
  for (const [name, value] of Object.entries(vectors)) {
    if (into.has(name)) continue
    const length = lengthOf(value)
    if (length !== undefined) into.set(name, length)
  }
}

/** `[1, 2]`, `[[1, 2], …]`, or an object with either as `embeddings`. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (!Array.isArray(value)) return lengthOf((value as { embeddings?: unknown }).embeddings)
  const [first] = value as unknown[]
  return Array.isArray(first) ? lengthOf(first) : typeof first === 'number' ? value.length : undefined
}

function settingUp(embedder: Buffer): 'silent' | 'asks-dimensions' | 'asks' {
  if (!/^\s*\{/.test(embedder.toString('latin1', 0, 8))) return 'silent'
  if (isComposite(embedder)) return 'asks'
  const source = withoutMember(embedder, 'source').value ?? ''
  if (source === '"composite"') return 'asks'
  const dimensions = withoutMember(embedder, 'dimensions').value ?? 'null'
  return ASK_FOR_DIMENSIONS.includes(source) && dimensions === 'null' ? 'asks-dimensions' : 'silent'
}
