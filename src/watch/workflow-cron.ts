interface Field {
  readonly least: number
  readonly most: number
  /** From `least` on; any letter case. */
  readonly names?: readonly string[]
}

const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  // 7 is a Sunday, too, for many.
  { least: 0, most: 7, names: 'sun mon tue wed thu fri sat'.split(' ') },
]

/** Whether GitHub takes it for a schedule: five fields of numbers, names, lists, ranges and steps; no `@daily`. */
export function isSchedule(cron: string): boolean {
  const fields = fieldsOf(cron)
  return (
    fields.length === FIELDS.length &&
    FIELDS.every((field, index) => (fields[index] ?? '').split(',').every((part) => isPart(part, field)))
  )
}

/** Whether it starts, among others, in the first minute of an hour. */
export function isOnTheHour(cron: string): boolean {
  return (fieldsOf(cron)[0] ?? '').split(',').some((part) => /^(\*|00?(?![\d]))/.test(part))
}

function fieldsOf(cron: string): string[] {
  return cron.trim().split(/\s+/)
}

/** `*`, `3`, `MON-FRI`, with or without `/2` behind it. */
function isPart(part: string, field: Field): boolean {
  const [, from = '', to, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? []
  if (from === '' || (step !== undefined && Number(step) === 0)) return false
  if (from === '*') return to === undefined
  const [first, last] = [valueOf(from, field), to === undefined ? undefined : valueOf(to, field)]
  return !Number.isNaN(first) && (to === undefined || (last !== undefined && first <= last))
}

/** NaN where the field has no such value. */
function valueOf(text: string, { least, most, names = [] }: Field): number {
  const named = names.indexOf(text.toLowerCase())
  const value = named < 0 ? (/^\d+$/.test(text) ? Number(text) : Number.NaN) : least + named
  return value >= least && value <= most ? value : Number.NaN
}
