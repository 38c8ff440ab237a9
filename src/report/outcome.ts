import type { Outcome, OutcomeFailure } from '../catalog/outcome.ts'
import { LifeboatError } from '../errors.ts'
import { failureMessage } from './failure.ts'
import { harmless, type Redact } from './log.ts'
import type { Reporter } from './reporter.ts'

/** A reporter that passes everything on, and keeps outputs and warnings: those so far are in `remembered`. */
export function rememberingReporter(reporter: Reporter): {
  readonly reporter: Reporter
  readonly remembered: () => Pick<Outcome, 'figures' | 'warnings'>
} {
  const figures = new Map<string, string>()
  const warnings: string[] = []
  return {
    remembered: () => ({ figures: Object.fromEntries(figures), warnings: [...warnings] }),
    reporter: {
      ...reporter,
      log: {
        ...reporter.log,
        warning(line) {
          warnings.push(line)
          reporter.log.warning(line)
        },
      },
      output(name, value) {
        figures.set(name, value)
        reporter.output(name, value)
      },
    },
  }
}

export interface RunFacts extends Pick<
  Outcome,
  'command' | 'source' | 'started' | 'warnings' | 'figures' | 'run'
> {
  readonly milliseconds: number
  /** What was thrown; absent where the run succeeded. */
  readonly failure?: unknown
}

/** The outcome of a run, with every text made harmless and every secret removed. */
export function outcomeOf(facts: RunFacts, redact: Redact): Outcome {
  const clean = (text: string): string => harmless(text, redact)
  const { command, source, started, milliseconds, warnings, figures, run, failure } = facts
  return {
    command: clean(command),
    source: clean(source),
    result: failure === undefined ? 'success' : isCancelled(failure) ? 'cancelled' : 'failure',
    started,
    seconds: Number((milliseconds / 1000).toFixed(1)),
    ...(failure !== undefined && { failure: failureOf(failure, clean) }),
    warnings: warnings.map(clean),
    // Outputs may be long lists in JSON, which a cut would break.
    figures: eachOf(figures, redact),
    run: eachOf(run, clean),
  }
}

function failureOf(thrown: unknown, clean: (text: string) => string): OutcomeFailure {
  const message = failureMessage(thrown)
    .split(/\s*[\r\n]+\s*/)
    .map(clean)
    .join('\n')
  if (!(thrown instanceof LifeboatError)) return { code: 'unexpected', message }
  const { code, hint } = thrown
  return { code, message, ...(hint !== undefined && { hint: clean(hint) }) }
}

function isCancelled(failure: unknown): boolean {
  return failure instanceof LifeboatError && failure.code === 'cancelled'
}

function eachOf(
  texts: Readonly<Record<string, string>>,
  clean: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, clean(text)]))
}
