import { numberAsJson } from './json-number.ts'
import { dateAsIso, timestampAsIso } from './json-time.ts'
import { parseArray, parseRow, type Element } from './text-form.ts'

/** What has to be known of a type to write its values as JSON. */
export type ValueType =
  | { readonly kind: 'plain'; readonly oid: number }
  | { readonly kind: 'array'; readonly element: ValueType; readonly delimiter: string }
  | { readonly kind: 'row'; readonly fields: readonly { readonly name: string; readonly type: ValueType }[] }

/** Writes a value's text form as JSON on one line. */
export type JsonWriter = (text: string | null) => string

/** OIDs of PostgreSQL's own types never change. */
const OID = {
  bool: 16,
  bytea: 17,
  json: 114,
  date: 1082,
  timestamp: 1114,
  timestamptz: 1184,
  jsonb: 3802,
} as const
/** int8, int2, int4, oid, numeric. */
const EXACT_NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 26, 1700])
/** float4, float8: doubles already. */
const DOUBLES: ReadonlySet<number> = new Set([700, 701])

/**
 * Booleans, numbers, arrays and rows as JSON has them, times as ISO 8601, bytea as base64, json and jsonb untouched;
 * everything else as a string with PostgreSQL's own text form.
 */
export function jsonWriter(type: ValueType): JsonWriter {
  const write = writerOf(type)
  return (text) => (text === null ? 'null' : write(text))
}

function writerOf(type: ValueType): (text: string) => string {
  switch (type.kind) {
    case 'plain':
      return plainWriter(type.oid)
    case 'array': {
      const { delimiter } = type
      const element = jsonWriter(type.element)
      const list = (elements: readonly Element[]): string =>
        `[${elements.map((each) => (isList(each) ? list(each) : element(each))).join(',')}]`
      return (text) => list(parseArray(text, delimiter))
    }
    case 'row': {
      const fields = type.fields.map((field) => ({
        name: JSON.stringify(field.name),
        write: jsonWriter(field.type),
      }))
      return (text) => {
        const values = parseRow(text)
        return `{${fields.map(({ name, write }, place) => `${name}:${write(values[place] ?? null)}`).join(',')}}`
      }
    }
  }
}

function plainWriter(oid: number): (text: string) => string {
  if (EXACT_NUMBERS.has(oid)) return numberAsJson
  if (DOUBLES.has(oid)) return (text) => (Number.isFinite(Number(text)) ? text : JSON.stringify(text))
  switch (oid) {
    case OID.bool:
      return (text) => (text === 't' ? 'true' : 'false')
    case OID.json:
    case OID.jsonb:
      // Line breaks stand between its parts, never within a string; a document is one line.
      return (text) => text.replace(/[\r\n]+/g, ' ')
    case OID.bytea:
      return (text) => JSON.stringify(Buffer.from(text.slice(2), 'hex').toString('base64'))
    case OID.timestamp:
    case OID.timestamptz:
      return (text) => JSON.stringify(timestampAsIso(text))
    case OID.date:
      return (text) => JSON.stringify(dateAsIso(text))
    default:
      return (text) => JSON.stringify(text)
  }
}

function isList(element: Element): element is readonly Element[] {
  return Array.isArray(element)
}
