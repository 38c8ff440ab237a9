interface RawJson {
  readonly rawJSON: string
}

declare global {
  /** In Node since 22; TypeScript's library does not know it yet. */
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
    ): unknown
    rawJSON(text: string): RawJson
    isRawJSON(value: unknown): value is RawJson
  }
}

/** JSON whose numbers keep every digit: they come back from `JSON.stringify` as they were written. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value,
  )
}

export function exactNumber(value: unknown): number | undefined {
  return JSON.isRawJSON(value) ? Number(value.rawJSON) : undefined
}

/** A 32-bit float as the server prints it: `0.009999999776482582`, `-1.0`. */
export function float32(value: unknown): unknown {
  const number = Math.fround(exactNumber(value) ?? Number.NaN)
  const text = String(number)
  return JSON.rawJSON(/^-?\d+$/.test(text) ? `${text}.0` : text)
}
