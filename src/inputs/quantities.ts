import { LifeboatError } from '../errors.ts'

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** `64MiB` in bytes. Decimal and binary units are both known and differ; a bare number has no meaning. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)$/i.exec(text.trim())
  const unit = UNITS[match?.[2]?.toLowerCase() ?? '']
  if (!match || unit === undefined) throw malformed(text, 'a size', '64MiB, 512MiB or 1GiB')
  const bytes = Math.round(Number(match[1]) * unit)
  if (!Number.isSafeInteger(bytes)) throw malformed(text, 'a size that can be handled', '64MiB')
  return bytes
}

const SPANS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `10m`, `1h30m`, `2d` in milliseconds. */
export function parseDuration(text: string): number {
  const trimmed = text.trim()
  const malformedDuration = malformed(text, 'a duration', '90s, 10m, 6h or 1h30m')
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(trimmed)) throw malformedDuration
  let milliseconds = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    milliseconds += Number(amount) * (SPANS[unit ?? ''] ?? Number.NaN)
  }
  if (!Number.isSafeInteger(Math.round(milliseconds))) throw malformedDuration
  return Math.round(milliseconds)
}

/** `50%` as 0.5; above 0, and at most 100 %. */
export function parsePercentage(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  const fraction = Number(match?.[1]) / 100
  if (!match || fraction <= 0 || fraction > 1)
    throw malformed(text, 'a percentage above 0% and up to 100%', '50%')
  return fraction
}

/** A whole number from `least` to `most`. */
export function parseCount(text: string, { least, most }: { least: number; most: number }): number {
  const trimmed = text.trim()
  const number = /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : Number.NaN
  if (number >= least && number <= most) return number
  throw new LifeboatError('input', `"${text.trim()}" is not a whole number from ${least} to ${most}.`)
}

function malformed(text: string, what: string, example: string): LifeboatError {
  return new LifeboatError('input', `"${text.trim()}" is not ${what}.`, {
    hint: `Write for example ${example}.`,
  })
}
