import { LifeboatError } from '../errors.ts'
import type { Activity } from './process-activity.ts'

/** Looks are this many to a limit, and at most so far apart. */
const LOOKS = 8
const LONGEST_PAUSE_MS = 15_000
/** A process that computes is alive though it neither reads nor writes: `xz -9e` can be silent for minutes. */
const BUSY_SHARE = 0.1

/** What a stall watch needs to know of a process. */
export interface Watched {
  readonly label: string
  activity(): Activity | undefined
}

/**
 * Notices when somebody has waited for bytes for `limitMs` while nothing moved: no byte passed through node, no
 * process read, wrote or computed. Time in which nobody asks for bytes, because the consumer is slow, does not
 * count.
 */
export class StallWatch implements Disposable {
  readonly #limitMs: number
  readonly #processes: () => readonly Watched[]
  readonly #onStall: (error: LifeboatError) => void
  readonly #now: () => number
  readonly #waiting = new Map<symbol, { readonly label: string; readonly since: number }>()
  readonly #seen = new Map<Watched, Activity>()
  readonly #timer: NodeJS.Timeout | undefined
  #moved: number
  #looked: number

  constructor(
    limitMs: number,
    processes: () => readonly Watched[],
    onStall: (error: LifeboatError) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#limitMs = limitMs
    this.#processes = processes
    this.#onStall = onStall
    this.#now = now
    this.#moved = this.#looked = now()
    if (Number.isFinite(limitMs)) {
      this.#timer = setInterval(() => this.look(), Math.min(limitMs / LOOKS, LONGEST_PAUSE_MS))
    }
  }

  /** `promise`, remembered as something that is waited for; that it resolves is a sign of life. */
  async waitFor<T>(label: string, promise: Promise<T>): Promise<T> {
    const key = Symbol(label)
    this.#waiting.set(key, { label, since: this.#now() })
    try {
      const result = await promise
      this.sawMovement()
      return result
    } finally {
      this.#waiting.delete(key)
    }
  }

  /** Bytes moved somewhere that nobody waits for. */
  sawMovement(): void {
    this.#moved = this.#now()
  }

  /** Called by its own timer. */
  look(): void {
    const now = this.#now()
    if (this.#processesMoved((now - this.#looked) / 1000)) this.#moved = now
    this.#looked = now
    for (const { label, since } of this.#waiting.values()) {
      if (now - Math.max(since, this.#moved) < this.#limitMs) continue
      this.#onStall(
        new LifeboatError('stall', `Nothing came out of ${label} for ${duration(this.#limitMs)}.`, {
          hint: `See what ${label} waits for: a lock, the network, a disk. \`limits: stall=…\` sets the limit.`,
        }),
      )
      return
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #processesMoved(seconds: number): boolean {
    let moved = false
    for (const process of this.#processes()) {
      const before = this.#seen.get(process)
      const after = process.activity()
      if (after === undefined) continue
      this.#seen.set(process, after)
      if (before === undefined) continue
      if (after.read !== before.read || after.written !== before.written) moved = true
      if (after.cpu - before.cpu > seconds * BUSY_SHARE) moved = true
    }
    return moved
  }
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000
  return seconds >= 120 ? `${Math.round(seconds / 60)} minutes` : `${seconds} s`
}
