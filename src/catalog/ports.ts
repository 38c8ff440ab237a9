/**
 * What the rooms are given by whoever calls them, so that none of them knows a runner, a terminal or the time
 * of day.
 */

/** Plain text, one line each; whoever implements it makes foreign text harmless and secrets unreadable. */
export interface Log {
  info(line: string): void
  /** Something that the reader should know, and need not act on. */
  notice(line: string): void
  /** Something that the reader should act on, though the step succeeds. */
  warning(line: string): void
  debug(line: string): void
  /** Shows how far something came, in the place of what was shown before; absent where nobody looks on. */
  status?(line: string): void
  /** Runs `work` as a chapter of the log. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
}

export interface Clock {
  now(): Date
  /** Milliseconds that only go forward, for durations. */
  elapsed(): number
}

export const systemClock: Clock = { now: () => new Date(), elapsed: () => performance.now() }
