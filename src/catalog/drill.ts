import type { RungOutcome } from './verification.ts'

/** One thing that was tried in a drill. */
export interface DrillCheck {
  /** A rung's name, or what was asked. */
  readonly what: string
  readonly outcome: RungOutcome
  readonly summary: string
  readonly seconds: number
}

/** The recovery of one source. */
export interface DrillLeg {
  /** `Database "shop"` */
  readonly title: string
  readonly targetSeconds: number
  /** From the first byte fetched to usable data; undefined where it did not come so far. */
  readonly recoverySeconds: number | undefined
  /** With everything that proves it. */
  readonly seconds: number
  /** Which backup, how old, how large: name and value. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly checks: readonly DrillCheck[]
  /** Why it did not pass; empty where it did. */
  readonly problems: readonly string[]
}

/** What came of a drill. */
export interface DrillOutcome {
  readonly started: Date
  readonly finished: Date
  /** In the order of the runbook. */
  readonly legs: readonly DrillLeg[]
  /** The user's own: what runs on the recovered data answers. */
  readonly acceptance: readonly DrillCheck[]
  readonly totalSeconds: number
  readonly totalTargetSeconds: number
  /** Everything that went wrong; empty: the drill is passed. */
  readonly problems: readonly string[]
}
