import type { Clock, Log } from '../catalog/ports.ts'
import type { IndexProgress } from '../catalog/reindex.ts'
import { formatCount, formatDuration } from './format.ts'

export interface IndexProgressOptions {
  readonly log: Log
  readonly clock: Clock
  readonly uid: string
  /** Calls `tick` again and again until the returned function is called; replaced in tests. */
  readonly every?: (intervalMs: number, tick: () => void) => () => void
}

/** Tells how far an index is: every ten seconds where lines stay, every second on a screen. */
export function indexProgress({ log, clock, uid, every = timer }: IndexProgressOptions): IndexProgress {
  const begun = clock.elapsed()
  const now = { sent: 0, indexed: 0, percent: undefined as number | undefined }
  const line = (): string => {
    const percent = now.percent === undefined ? '' : ` (at ${Math.round(now.percent)} % of the next ones)`
    const spent = formatDuration(clock.elapsed() - begun)
    return `${uid}: ${formatCount(now.sent)} documents sent, ${formatCount(now.indexed)} indexed${percent}, ${spent}`
  }
  const stop = every(log.status ? 1_000 : 10_000, () => (log.status ?? log.info)(line()))
  return {
    update: (state) => void Object.assign(now, state),
    end() {
      stop()
      now.percent = undefined
      log.info(line())
    },
  }
}

function timer(intervalMs: number, tick: () => void): () => void {
  const handle = setInterval(tick, intervalMs)
  // Telling of progress is no reason to keep a process alive.
  handle.unref()
  return () => clearInterval(handle)
}
