import type { DrillCheck, DrillLeg, DrillOutcome } from '../catalog/drill.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'

/** What a recovery has to tell of itself. */
export type Recovered = Pick<DrillLeg, 'recoverySeconds' | 'facts' | 'checks' | 'problems'>

/** A recovery that is practised; steps come in the order of the runbook. */
export interface DrillStep {
  /** `Database "shop"` */
  readonly title: string
  readonly targetSeconds: number
  /**
   * Recovers and proves; what it throws is what kept it from that. Calls `meanwhile` while what it recovered is there:
   * then its `dependents` are practised.
   */
  recover(meanwhile: () => Promise<void>): Promise<Recovered>
  /** Steps that need what this one recovers. They are practised though it came not so far, and tell that themselves. */
  readonly dependents?: readonly DrillStep[]
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
    legs.push(...(await practise(step, { log, clock, signal })))
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

/** One step and, inside it or after it, its dependents; the time of each is its own. */
async function practise(
  step: DrillStep,
  around: Omit<DrillSurroundings, 'totalTargetSeconds'>,
): Promise<readonly DrillLeg[]> {
  const { log, clock, signal } = around
  const { title, targetSeconds, dependents = [] } = step
  const waiting = [...dependents]
  const inside: DrillLeg[] = []
  let insideSeconds = 0
  const meanwhile = async (): Promise<void> => {
    const since = clock.elapsed()
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      signal.throwIfAborted()
      inside.push(...(await practise(next, around)))
    }
    insideSeconds += secondsSince(since, clock)
  }
  const begun = clock.elapsed()
  const recovered = await log.group(`Drill: ${title}`, () => recover(step, meanwhile, signal))
  const seconds = Math.round((secondsSince(begun, clock) - insideSeconds) * 1000) / 1000
  await meanwhile()
  return [{ title, targetSeconds, seconds, ...recovered }, ...inside]
}

async function recover(
  step: DrillStep,
  meanwhile: () => Promise<void>,
  signal: AbortSignal,
): Promise<Recovered> {
  try {
    return await step.recover(meanwhile)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LifeboatError)) throw error
    const problems = [[error.message, error.hint ?? ''].filter((part) => part !== '').join(' ')]
    return { recoverySeconds: undefined, facts: [], checks: [], problems }
  }
}

function secondsSince(begun: number, clock: Clock): number {
  return Math.round(clock.elapsed() - begun) / 1000
}
