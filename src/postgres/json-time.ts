/**
 * The text form of a `timestamp` or `timestamptz` (ISO style, time zone UTC) as ISO 8601 in UTC:
 * `2026-11-22 02:15:00.5+00` becomes `2026-11-22T02:15:00.5Z`. A `timestamp` knows no zone and is taken for UTC.
 * Years before 1 and beyond 9999 are written as ISO 8601 and JavaScript do (`-000043`, `+012026`); `infinity` stays.
 */
export function timestampAsIso(text: string): string {
  const match = /^(\d+)-(\d\d-\d\d) ([\d:.]+)(?:\+00)?( BC)?$/.exec(text)
  if (!match) return text
  const [, year = '', day = '', time = '', before] = match
  return `${isoYear(year, before !== undefined)}-${day}T${time}Z`
}

/** The same for a `date`. */
export function dateAsIso(text: string): string {
  const match = /^(\d+)-(\d\d-\d\d)( BC)?$/.exec(text)
  if (!match) return text
  const [, year = '', day = '', before] = match
  return `${isoYear(year, before !== undefined)}-${day}`
}

/** There is a year 0 in ISO 8601, and none in PostgreSQL's calendar. */
function isoYear(year: string, before: boolean): string {
  if (!before) return year.length <= 4 ? year.padStart(4, '0') : `+${year.padStart(6, '0')}`
  const number = Number(year) - 1
  return number === 0 ? '0000' : `-${number.toString().padStart(6, '0')}`
}
