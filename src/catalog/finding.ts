import { LifeboatError } from '../errors.ts'

/**
 * One line of the doctor's table. `advice` works, but could be better; `not-checked` says why in `found`. All of it is
 * foreign text.
 */
export interface Finding {
  /** What was looked at: `conditional write`. */
  readonly what: string
  readonly state: 'passed' | 'advice' | 'failed' | 'not-checked'
  /** What was seen there. */
  readonly found: string
  /** What to do about it. */
  readonly todo?: string
}

/** What a source, the store, the keys or the repository bring to the doctor: checks of their own. */
export interface Examination {
  /** The chapter that its findings stand in: `Store`. */
  readonly area: string
  /** Gives findings as they come, and goes on after one that failed. What it throws becomes a failed finding. */
  examine(signal: AbortSignal): AsyncIterable<Finding> | Iterable<Finding>
}

export function passed(what: string, found: string): Finding {
  return { what, state: 'passed', found }
}

export function advice(what: string, found: string, todo: string): Finding {
  return { what, state: 'advice', found, todo }
}

export function failed(what: string, found: string, todo: string): Finding {
  return { what, state: 'failed', found, todo }
}

export function notChecked(what: string, why: string, todo?: string): Finding {
  return { what, state: 'not-checked', found: why, ...(todo !== undefined && { todo }) }
}

/** What an expected error says of a check that failed; anything else is a defect and thrown on. */
export function failedBy(what: string, error: unknown): Finding {
  if (!(error instanceof LifeboatError) || error.code === 'cancelled') throw error
  const cause = error.cause instanceof Error && error.cause.message !== '' ? ` (${error.cause.message})` : ''
  return failed(what, `${error.message}${cause}`, error.hint ?? 'Look at the words of the other side.')
}
