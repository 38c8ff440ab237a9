/** What a partial answer holds; `end` is exclusive, all in bytes. */
export interface ContentRange {
  readonly start: number
  readonly end: number
  /** Of the whole object; undefined where the store does not say. */
  readonly total: number | undefined
}

/** Reads `bytes 0-9/100`; undefined for everything else. */
export function contentRange(header: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(header ?? '')
  if (!match) return undefined
  const [, start, last, total] = match
  return {
    start: Number(start),
    end: Number(last) + 1,
    total: total === '*' ? undefined : Number(total),
  }
}
