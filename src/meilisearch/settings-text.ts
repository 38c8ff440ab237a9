import { createHash } from 'node:crypto'
import { elementsOf, memberOf, membersOf, textOf, type Member, type Span } from './json-text.ts'

/** Settings of an index as JSON text, without what is secret in them. */
export interface PlainSettings {
  readonly json: string
  /** Embedders that have an API key. */
  readonly withKey: readonly string[]
}

/**
 * Takes the API keys of embedders out. The API shows only a part of a key (`sk-veXX…`), and a part that is written back
 * silently replaces the real one, by the API as by `--import-dump`.
 */
export function withoutEmbedderKeys(json: Uint8Array): PlainSettings {
  const withKey: string[] = []
  const text = mapEmbedders(json, (name, embedder) => {
    const { rest, key } = withoutMember(embedder, 'apiKey')
    if (key !== undefined && key !== 'null') withKey.push(name)
    return rest
  })
  return { json: text, withKey }
}

/** Puts the API keys of embedders in; those that `keyOf` does not know stay as they are. */
export function withEmbedderKeys(json: Uint8Array, keyOf: (embedder: string) => string | undefined): string {
  return mapEmbedders(json, (name, embedder) => {
    const key = keyOf(name)
    if (key === undefined) return embedder.toString('utf8')
    const { rest } = withoutMember(embedder, 'apiKey')
    const member = `"apiKey":${JSON.stringify(key)}`
    return rest === '{}' ? `{${member}}` : rest.replace(/\}$/, () => `,${member}}`)
  })
}

/** Embedders whose settings hold an API key in clear, and those that hold what is left of a hidden one. */
export function embedderKeys(json: Uint8Array): {
  readonly clear: readonly string[]
  readonly hidden: readonly string[]
} {
  const [clear, hidden]: [string[], string[]] = [[], []]
  mapEmbedders(json, (name, embedder) => {
    const { rest, key } = withoutMember(embedder, 'apiKey')
    if (key !== undefined && key !== 'null') (HIDDEN.test(key) ? hidden : clear).push(name)
    return rest
  })
  return { clear, hidden }
}

/** `"skXXXX..."` */
const HIDDEN = /^"[^"]{0,16}X{3,6}\.\.\."$/

/** SHA-256 of settings, their keys sorted and without embedder keys: equal settings give the same, whoever wrote them. */
export function settingsDigest(json: Uint8Array): string {
  const plain = Buffer.from(withoutEmbedderKeys(json).json)
  return createHash('sha256').update(canonicalJson(plain)).digest('hex')
}

/** Members by name, each in canonical form: for whoever compares two settings. */
export function settingsByName(json: Uint8Array): ReadonlyMap<string, string> {
  const plain = Buffer.from(withoutEmbedderKeys(json).json)
  return new Map(membersOf(plain).map(({ key, value }) => [nameOf(plain, key), canonicalJson(plain, value)]))
}

/** JSON without white space and with sorted keys; numbers and strings as they were written. */
export function canonicalJson(bytes: Uint8Array, span?: Span): string {
  const { start, end } = span ?? { start: 0, end: bytes.length }
  const first = bytes[start]
  if (first === 0x7b) {
    const members = membersOf(bytes, start).map(
      ({ key, value }) => [textOf(bytes, key), canonicalJson(bytes, value)] as const,
    )
    members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${members.map(([key, value]) => `${key}:${value}`).join(',')}}`
  }
  if (first === 0x5b)
    return `[${elementsOf(bytes, start)
      .map((each) => canonicalJson(bytes, each))
      .join(',')}]`
  return textOf(bytes, { start, end }).trim()
}

function mapEmbedders(json: Uint8Array, change: (name: string, embedder: Buffer) => string): string {
  const embedders = memberOf(json, 'embedders')
  if (!embedders || json[embedders.start] !== 0x7b) return textOf(json, { start: 0, end: json.length }).trim()
  const changed = membersOf(json, embedders.start).map(({ key, value }) => {
    const text = Buffer.from(textOf(json, value))
    const isObject = text[0] === 0x7b
    return `${textOf(json, key)}:${isObject ? change(nameOf(json, key), text) : text.toString('utf8')}`
  })
  const before = textOf(json, { start: 0, end: embedders.start })
  const after = textOf(json, { start: embedders.end, end: json.length })
  return `${before}{${changed.join(',')}}${after}`.trim()
}

function withoutMember(object: Buffer, name: string): { rest: string; key: string | undefined } {
  const members = membersOf(object)
  const isIt = ({ key }: Member): boolean => nameOf(object, key) === name
  const found = members.find(isIt)
  if (!found) return { rest: object.toString('utf8'), key: undefined }
  const others = members.filter((member) => !isIt(member))
  const text = others.map(({ key, value }) => `${textOf(object, key)}:${textOf(object, value)}`)
  return { rest: `{${text.join(',')}}`, key: textOf(object, found.value) }
}

function nameOf(bytes: Uint8Array, key: Span): string {
  return JSON.parse(textOf(bytes, key)) as string
}
