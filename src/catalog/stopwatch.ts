import type { Clock } from './ports.ts'

/** Names how long each phase took, in seconds. */
export interface Stopwatch {
  /** Ends a phase that began with the one before it, or with the stopwatch. */
  lap(phase: string): void
  /** Begins a phase that runs beside others; call what it gives when it ends. */
  begin(phase: string): () => void
  seconds(): Record<string, number>
}

export function stopwatch(clock: Clock): Stopwatch {
  const phases = new Map<string, number>()
  const record = (phase: string, since: number): void => {
    phases.set(phase, Math.round(clock.elapsed() - since) / 1000)
  }
  let last = clock.elapsed()
  return {
    lap: (phase) => {
      record(phase, last)
      last = clock.elapsed()
    },
    begin: (phase) => {
      const since = clock.elapsed()
      return () => record(phase, since)
    },
    seconds: () => Object.fromEntries(phases),
  }
}
