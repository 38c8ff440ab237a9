/** What was measured once for each contender, one right after the other. */
export type Round<Name extends string> = Readonly<Record<Name, number>>

/**
 * The median over all rounds of one contender's time as a multiple of another's. Both were taken within a minute,
 * so that what else the machine did touched them alike; the best of each would be from different minutes.
 */
export function medianRatio<Name extends string>(rounds: readonly Round<Name>[], of: Name, to: Name): number {
  return median(rounds.map((round) => round[of] / round[to]))
}

/** Of two middle values, the mean. Throws where there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] =
    sorted.length % 2 === 0 ? [sorted[middle - 1], sorted[middle]] : [sorted[middle], sorted[middle]]
  if (low === undefined || high === undefined) throw new RangeError('nothing has no median')
  return (low + high) / 2
}
