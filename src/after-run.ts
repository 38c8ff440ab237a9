import type { Outcome } from './catalog/outcome.ts'
import { LifeboatError } from './errors.ts'
import type { Environment } from './inputs/given.ts'
import type { Request } from './inputs/request.ts'
import { failureSentence } from './report/failure.ts'
import type { Reporter } from './report/reporter.ts'

/** What a step after the run is given. */
export interface Ended {
  readonly outcome: Outcome
  /** Absent where the inputs could not be read. */
  readonly request: Request | undefined
  readonly env: Environment
  readonly reporter: Reporter
  /** Aborted when there is no time left: within seconds after a cancel, for the runner kills then. */
  readonly signal: AbortSignal
}

/** Something that tells of a run after its end: it never changes the run's own result. */
export interface AfterRun {
  /** As in "… failed": `The notification to notify-webhook`. */
  readonly what: string
  run(ended: Ended): Promise<void>
}

/**
 * Runs all of `steps` side by side. What one of them throws becomes a warning; one that is not done when
 * `ended.signal` is aborted is waited for no longer. Never throws.
 */
export async function afterRun(steps: readonly AfterRun[], ended: Ended): Promise<void> {
  const { reporter, signal } = ended
  await Promise.all(
    steps.map(async (step) => {
      try {
        await Promise.race([step.run(ended), outOfTime(signal)])
      } catch (error) {
        const hint = error instanceof LifeboatError && error.hint !== undefined ? ` ${error.hint}` : ''
        reporter.log.warning(`${step.what} failed: ${failureSentence(error)}${hint}`)
      }
    }),
  )
}

function outOfTime(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const late = (): void => reject(new LifeboatError('stall', 'there was no time left for it.'))
    if (signal.aborted) late()
    else signal.addEventListener('abort', late, { once: true })
  })
}
