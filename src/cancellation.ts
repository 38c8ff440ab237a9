import { LifeboatError } from './errors.ts'
import type { Log } from './catalog/ports.ts'

/** How long may pass after a run until everybody was told of it; and after a cancel, when the runner soon kills. */
const TELLING_MS = 60_000
const CANCELLED_MS = 6_000

/** What a cancelled run may take to put its things away; what it does not finish then is the post step's. */
const PUTTING_AWAY_MS = 5_000

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

/**
 * Settles as `work` does; or, where that has not ended 5 seconds after a cancel, rejects with the cancel's reason: a
 * runner kills 10 seconds after its SIGINT, and others have to be told before. What hears the signal never comes so far;
 * this is for what no signal reaches, such as a look-up of a name.
 */
export function notLongAfter<T>(
  signal: AbortSignal,
  work: Promise<T>,
  log: Pick<Log, 'warning'>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const cancelled = (): void => {
      timer = setTimeout(() => {
        log.warning('Something did not stop in time; what it left is removed by the post step.')
        reject(signal.reason as Error)
      }, PUTTING_AWAY_MS)
    }
    if (signal.aborted) cancelled()
    else signal.addEventListener('abort', cancelled, { once: true })
    const settled = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancelled)
    }
    work.finally(settled).then(resolve, reject)
  })
}

/** Aborted, with a `stall` that names `what`, when so many milliseconds have passed: for what follows a run. */
export function timeLimit(milliseconds: number, what: string): AbortSignal & Disposable {
  const controller = new AbortController()
  const late = new LifeboatError('stall', `${what} did not end within ${milliseconds / 1000} s.`, {
    hint: 'Look at the network and at the store. The next prune removes what was left.',
  })
  const timer = setTimeout(() => controller.abort(late), milliseconds)
  return Object.assign(controller.signal, { [Symbol.dispose]: () => clearTimeout(timer) })
}
