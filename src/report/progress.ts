import type { Clock, Log } from '../catalog/ports.ts'
import { formatBytes, formatDuration, formatRate, formatShare } from './format.ts'

export interface ProgressOptions {
  readonly log: Log
  readonly clock: Clock
  /** What is under way: `dump of shop`. */
  readonly label: string
  /** The likely plain bytes, where known. */
  readonly likelyBytes?: number
  readonly intervalMs?: number
  /** Calls `tick` again and again until the returned function is called; replaced in tests. */
  readonly every?: (intervalMs: number, tick: () => void) => () => void
}

/** Follows one flow of bytes. */
export interface Progress {
  /** Bytes so far: before compression, and acknowledged by the store. */
  update(bytes: { readonly plain?: number; readonly stored?: number }): void
  /** Logs how far it came, whether it ended well or not. */
  end(): void
}

/** Tells how far it came, every ten seconds where lines stay, every second on a screen: a line that says that nothing moves is worth as much as any. */
export function progressReporter(options: ProgressOptions): Progress {
  const { log, clock, label, likelyBytes, every = timer } = options
  // Where a line is drawn again it may change each second; where it stays, a few a minute are enough.
  const { intervalMs = log.status ? 1_000 : 10_000 } = options
  const tell = (line: string): void => (log.status ? log.status(line) : log.info(line))
  const begun = clock.elapsed()
  let now = { plain: 0, stored: 0 }
  let shown = { plain: 0, at: begun }
  const stop = every(intervalMs, () => {
    const at = clock.elapsed()
    // An upload that begins anew counts from zero again.
    const before = now.plain < shown.plain ? 0 : shown.plain
    const recent = { bytes: now.plain - before, milliseconds: at - shown.at }
    tell(progressLine({ label, ...now, likelyBytes, elapsedMs: at - begun, recent }))
    shown = { plain: now.plain, at }
  })
  return {
    update({ plain = now.plain, stored = now.stored }) {
      now = { plain, stored }
    },
    end() {
      stop()
      log.info(finalLine({ label, ...now, elapsedMs: clock.elapsed() - begun }))
    },
  }
}

export interface ProgressNumbers {
  readonly label: string
  readonly plain: number
  readonly stored: number
  readonly elapsedMs: number
}

/** `dump of shop: 1.25 GiB (31 % of about 4.00 GiB) at 85.1 MiB/s, 210 MiB stored, 15 s` */
export function progressLine({
  label,
  plain,
  stored,
  likelyBytes,
  elapsedMs,
  recent,
}: ProgressNumbers & {
  readonly likelyBytes: number | undefined
  /** Since the line before. */
  readonly recent: { readonly bytes: number; readonly milliseconds: number }
}): string {
  // An estimate that has been passed says nothing any more.
  const estimated = likelyBytes !== undefined && likelyBytes > 0 && plain <= likelyBytes
  const share = estimated ? ` (${formatShare(plain, likelyBytes)} of about ${formatBytes(likelyBytes)})` : ''
  const rate =
    recent.bytes > 0
      ? ` at ${formatRate(recent.bytes, recent.milliseconds)}`
      : `, nothing new for ${formatDuration(recent.milliseconds)}`
  return `${label}: ${formatBytes(plain)}${share}${rate}, ${formatBytes(stored)} stored, ${formatDuration(elapsedMs)}`
}

/** `dump of shop: 4.02 GiB in 52 s (79.2 MiB/s), 671 MiB stored (6.1 times smaller)` */
export function finalLine({ label, plain, stored, elapsedMs }: ProgressNumbers): string {
  const smaller = stored > 0 && plain > stored ? ` (${(plain / stored).toFixed(1)} times smaller)` : ''
  const rate = elapsedMs >= 1000 ? ` (${formatRate(plain, elapsedMs)})` : ''
  return `${label}: ${formatBytes(plain)} in ${formatDuration(elapsedMs)}${rate}, ${formatBytes(stored)} stored${smaller}`
}

function timer(intervalMs: number, tick: () => void): () => void {
  const handle = setInterval(tick, intervalMs)
  // Telling of progress is no reason to keep a process alive.
  handle.unref()
  return () => clearInterval(handle)
}
