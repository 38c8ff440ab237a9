/** Of an even number of values the mean of the two in the middle. NaN where there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The median absolute deviation, scaled so that it equals the standard deviation of a normal distribution. */
export function spread(values: readonly number[]): number {
  const center = median(values)
  return 1.4826 * median(values.map((value) => Math.abs(value - center)))
}

/** Of fewer values nobody can say which is unusual. */
const LEAST_VALUES = 5
/** So many spreads away from the median a value is unusual: the usual choice for this measure. */
const SPREADS = 3.5

/**
 * The indexes of values that lie far from all others. `least` is the fraction of the median that a value has to be away
 * at all: where all others are equal, the spread is nothing.
 */
export function outliers(values: readonly number[], { least }: { readonly least: number }): number[] {
  if (values.length < LEAST_VALUES) return []
  const center = median(values)
  const limit = Math.max(SPREADS * spread(values), least * center)
  return values.flatMap((value, index) => (Math.abs(value - center) > limit ? [index] : []))
}
