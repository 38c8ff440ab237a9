import type { ErrorCode } from '../errors.ts'

/**
 * How a run ended: what notifications and the audit trail are told. No text in it holds a secret, and all but `figures`
 * are printable (one visible line each; the message of a failure may be several); it is still foreign text for whatever
 * shows it.
 */
export interface Outcome {
  /** As the step asked for it; `unknown` where it named none. */
  readonly command: string
  /** As the step asked for it, or its default. */
  readonly source: string
  readonly result: 'success' | 'failure' | 'cancelled'
  readonly started: Date
  /** How long it took, in seconds, with one decimal. */
  readonly seconds: number
  /** Absent where it succeeded. */
  readonly failure?: OutcomeFailure
  /** What the command warned of, though it went on. */
  readonly warnings: readonly string[]
  /** The outputs that the command set before it ended: also where it failed, and then maybe not all of them. */
  readonly figures: Readonly<Record<string, string>>
  /** Which run on GitHub it was; empty elsewhere. */
  readonly run: Readonly<Record<string, string>>
}

export interface OutcomeFailure {
  /** `unexpected` is a defect of Lifeboat. */
  readonly code: ErrorCode | 'unexpected'
  readonly message: string
  readonly hint?: string
}
