import { createHash } from 'node:crypto'
import { mapMembers, nameOf, withMember, withoutMember } from './json-members.ts'
import { elementsOf, memberOf, membersOf, textOf, type Span } from './json-text.ts'

const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b

/** Settings of an index as JSON text, without what is secret in them. */
export interface PlainSettings {
  readonly json: string
  /** Places of the keys that were taken out: see `withoutEmbedderKeys`. */
  readonly taken: readonly string[]
}

/**
 * Takes API keys of embedders out: all of them, or those alone whose text `isTaken` says. Places are `default`, or
 * `default.searchEmbedder` and `default.indexingEmbedder` in a composite one. The API shows only a part of a key
 * (`sk-veXX…`), and a part that is written back silently replaces the real one, by the API as by `--import-dump`; those
 * within a composite one it shows whole, to everybody who may read settings.
 */
export function withoutEmbedderKeys(
  json: Uint8Array,
  isTaken: (key: string) => boolean = () => true,
): PlainSettings {
  const taken: string[] = []
  const text = mapEmbedders(json, (place, embedder) => {
    const { rest, value: key } = withoutMember(embedder, 'apiKey')
    if (key === undefined || !isTaken(key)) return embedder.toString('utf8')
    if (key !== 'null') taken.push(place)
    return rest
  })
  return { json: text, taken }
}

/** Puts API keys of embedders in, by place; those that `keyOf` does not know stay as they are. */
export function withEmbedderKeys(json: Uint8Array, keyOf: (place: string) => string | undefined): string {
  return mapEmbedders(json, (place, embedder) => {
    const key = keyOf(place)
    if (key === undefined) return embedder.toString('utf8')
    const { rest } = withoutMember(embedder, 'apiKey')
    return withMember(Buffer.from(rest), 'apiKey', JSON.stringify(key))
  })
}

/** Places of embedders that hold what is left of an API key that was hidden. */
export function hiddenKeyPlaces(json: Uint8Array): readonly string[] {
  return withoutEmbedderKeys(json, isHiddenKey).taken
}

/** Whether the text of a key is what the API shows of one: `"skXXXX..."`. */
export function isHiddenKey(key: string): boolean {
  return /^"[^"]{0,16}X{3,6}\.\.\."$/.test(key)
}

/** Places of embedders that send HTTP headers of their own, which the API shows whole, secrets among them. */
export function headerPlaces(json: Uint8Array): readonly string[] {
  const found: string[] = []
  mapEmbedders(json, (place, embedder) => {
    const { value: headers } = withoutMember(embedder, 'headers')
    if (headers !== undefined && /^\{\s*"/.test(headers)) found.push(place)
    return embedder.toString('utf8')
  })
  return found
}

/** SHA-256 of settings, their keys sorted and without embedder keys: equal settings give the same, whoever wrote them. */
export function settingsDigest(json: Uint8Array): string {
  const plain = Buffer.from(withoutEmbedderKeys(json).json)
  return createHash('sha256').update(canonicalJson(plain)).digest('hex')
}

/** JSON without white space and with sorted keys; numbers and strings as they were written. */
export function canonicalJson(bytes: Uint8Array, span?: Span): string {
  const { start, end } = span ?? { start: 0, end: bytes.length }
  const first = bytes[start]
  if (first === OPEN_OBJECT) {
    const members = membersOf(bytes, start).map(
      ({ key, value }) => [textOf(bytes, key), canonicalJson(bytes, value)] as const,
    )
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`
  }
  if (first === OPEN_ARRAY)
    return `[${elementsOf(bytes, start)
      .map((each) => canonicalJson(bytes, each))
      .join(',')}]`
  return textOf(bytes, { start, end }).trim()
}

/** Parts of a composite embedder that are embedders themselves. */
const PARTS = ['searchEmbedder', 'indexingEmbedder']

type Change = (place: string, embedder: Buffer) => string

function mapEmbedders(json: Uint8Array, change: Change): string {
  return mapTopEmbedders(json, (name, text) => mapEmbedder(name, text, change))
}

/** As `mapEmbedders`, a composite one whole; undefined takes an embedder out. */
export function mapTopEmbedders(
  json: Uint8Array,
  change: (name: string, embedder: Buffer) => string | undefined,
): string {
  const embedders = memberOf(json, 'embedders')
  if (!embedders || json[embedders.start] !== OPEN_OBJECT) {
    return textOf(json, { start: 0, end: json.length }).trim()
  }
  const changed = mapMembers(Buffer.from(textOf(json, embedders)), change)
  const before = textOf(json, { start: 0, end: embedders.start })
  const after = textOf(json, { start: embedders.end, end: json.length })
  return `${before}${changed}${after}`.trim()
}

/** Whether an embedder is made of two. */
export function isComposite(embedder: Buffer): boolean {
  return membersOf(embedder).some(({ key }) => PARTS.includes(nameOf(embedder, key)))
}

function mapEmbedder(place: string, text: Buffer, change: Change): string {
  if (text[0] !== OPEN_OBJECT) return text.toString('utf8')
  if (!isComposite(text)) return change(place, text)
  const whole = mapMembers(text, (name, part) =>
    PARTS.includes(name) ? mapEmbedder(`${place}.${name}`, part, change) : part.toString('utf8'),
  )
  return change(place, Buffer.from(whole))
}
