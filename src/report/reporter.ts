import type { Log } from '../catalog/ports.ts'
import type { Failure } from './failure.ts'
import type { Redact } from './log.ts'

/**
 * Where a run tells what it does and hands over what it made: a runner, or a terminal. Secrets are removed from
 * everything but outputs and states, which the runner checks itself and which hold none.
 */
export interface Reporter {
  readonly log: Log
  readonly redact: Redact
  /** From now on these are shown nowhere. */
  mask(secrets: readonly string[]): void
  /** Tells of a failure and makes the step red. */
  fail(failure: Failure): void
  output(name: string, value: string): void
  /** Adds Markdown to the job's summary. Never throws: where that cannot be, it warns. */
  summary(markdown: string): Promise<void>
  /** Kept for the post step. */
  saveState(name: string, value: string): void
  /** What the main step kept; empty when nothing. */
  state(name: string): string
}
