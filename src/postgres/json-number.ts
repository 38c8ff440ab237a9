/** So many significant digits survive the way through a double and back, whatever they are. */
const SAFE_DIGITS = 15

/**
 * The text form of a number of PostgreSQL's as JSON: a number, without the zeros that a scale adds, where everybody who
 * reads JSON gets the same one from it; where a double would lose digits, or there is no number at all (NaN), a string
 * with PostgreSQL's own text. Whole numbers beyond 2^53 are always strings.
 */
export function numberAsJson(text: string): string {
  return fitsDouble(text) ? withoutScale(text) : JSON.stringify(text)
}

function withoutScale(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

function fitsDouble(text: string): boolean {
  const exact = decimal(text)
  if (!exact) return false
  const { digits, exponent } = exact
  if (exponent >= 0) return Number.isSafeInteger(Number(text))
  const near = Number(text)
  if (near === 0) return digits === ''
  if (digits.length <= SAFE_DIGITS && Math.abs(near) > 1e-300) return true
  const read = decimal(String(near))
  return read?.digits === digits && read.exponent === exponent
}

/** Sign aside, `digits` × 10 ^ `exponent`, without zeros at either end; undefined for what is no number. */
function decimal(text: string): { readonly digits: string; readonly exponent: number } | undefined {
  const match = /^-?(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)
  if (!match) return undefined
  const [, whole = '', fraction = '', power = '0'] = match
  const all = (whole + fraction).replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  if (digits === '') return { digits, exponent: 0 }
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) }
}
