import type { DrillCheck, DrillLeg, DrillOutcome } from '../catalog/drill.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'

/** A recovery that is practised; steps come in the order of the runbook. */
export interface DrillStep {
  /** `Database "shop"` */
  readonly title: string
  readonly targetSeconds: number
  /** Recovers and proves; what it throws is what kept it from that. */
  recover(): Promise<Pick<DrillLeg, 'recoverySeconds' | 'facts' | 'checks' | 'problems'>>
}

/** Asked at the end, of what runs on the recovered data. */
export type AcceptanceCheck = () => Promise<DrillCheck>

export interface DrillSurroundings {
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly totalTargetSeconds: number
}

/**
 * Practises the recovery: every step, then every acceptance check, whatever failed before, so that one drill tells all
 * that is wrong. Throws only where it was cancelled.
 */
export async function drill(
  steps: readonly DrillStep[],
  acceptance: readonly AcceptanceCheck[],
  { log, clock, signal, totalTargetSeconds }: DrillSurroundings,
): Promise<DrillOutcome> {
  const started = clock.now()
  const begun = clock.elapsed()
  const legs: DrillLeg[] = []
  for (const step of steps) {
    signal.throwIfAborted()
    legs.push(await log.group(`Drill: ${step.title}`, () => practise(step, clock, signal)))
  }
  const checks: DrillCheck[] = []
  if (acceptance.length > 0) {
    await log.group('Drill: acceptance', async () => {
      for (const check of acceptance) {
        signal.throwIfAborted()
        const result = await check()
        log.info(`${result.what}: ${result.outcome === 'passed' ? '' : 'FAILED, '}${result.summary}`)
        checks.push(result)
      }
    })
  }
  const totalSeconds = secondsSince(begun, clock)
  const problems = [
    ...(legs.length === 0 ? ['There is no backup at all, so nothing could be recovered.'] : []),
    ...legs.flatMap(({ title, problems }) => problems.map((problem) => `${title}: ${problem}`)),
    ...checks.flatMap(({ what, outcome, summary }) => (outcome === 'passed' ? [] : [`${what}: ${summary}`])),
    ...(totalSeconds <= totalTargetSeconds
      ? []
      : [`The whole drill took ${totalSeconds} s, longer than the target of ${totalTargetSeconds} s.`]),
  ]
  return {
    started,
    finished: clock.now(),
    legs,
    acceptance: checks,
    totalSeconds,
    totalTargetSeconds,
    problems,
  }
}

async function practise(step: DrillStep, clock: Clock, signal: AbortSignal): Promise<DrillLeg> {
  const { title, targetSeconds } = step
  const begun = clock.elapsed()
  try {
    const leg = await step.recover()
    return { title, targetSeconds, seconds: secondsSince(begun, clock), ...leg }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LifeboatError)) throw error
    const problems = [[error.message, error.hint ?? ''].filter((part) => part !== '').join(' ')]
    const nothing = { recoverySeconds: undefined, facts: [], checks: [], problems }
    return { title, targetSeconds, seconds: secondsSince(begun, clock), ...nothing }
  }
}

function secondsSince(begun: number, clock: Clock): number {
  return Math.round(clock.elapsed() - begun) / 1000
}
