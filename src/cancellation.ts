import { LifeboatError } from './errors.ts'
import type { Log } from './catalog/ports.ts'

/** How long may pass after a run until everybody was told of it; and after a cancel, when the runner soon kills. */
const TELLING_MS = 60_000
const CANCELLED_MS = 6_000

export interface Cancellation extends Disposable {
  /** Aborted, with `cancelled` as its reason, by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
  /** Aborted when no time is left for telling others. */
  readonly late: AbortSignal
  /** The run has ended, and others are told of it: from here on the time for that counts. */
  telling(): void
}

/** Listens for a cancel until it is disposed of. */
export function listenForCancel(log: Pick<Log, 'info'>): Cancellation {
  const stop = new AbortController()
  const late = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const endTelling = (milliseconds: number): void => {
    timers.push(setTimeout(() => late.abort(), milliseconds))
  }
  const cancel = (signal: NodeJS.Signals): void => {
    log.info(`${signal}: stopping, and aborting what is being written.`)
    if (!stop.signal.aborted) endTelling(CANCELLED_MS)
    stop.abort(
      new LifeboatError('cancelled', `The run was cancelled (${signal}); nothing more was committed.`, {
        hint: 'What was being written has been aborted. Run it again.',
      }),
    )
  }
  process.on('SIGINT', cancel).on('SIGTERM', cancel)
  return {
    signal: stop.signal,
    late: late.signal,
    telling: () => endTelling(TELLING_MS),
    [Symbol.dispose]() {
      timers.forEach(clearTimeout)
      process.off('SIGINT', cancel).off('SIGTERM', cancel)
    },
  }
}
