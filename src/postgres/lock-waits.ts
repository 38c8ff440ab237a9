/** A server process that waits for a lock. */
export interface Wait {
  readonly pid: number
  /** The processes that have what it waits for, or stand in front of it in the queue. */
  readonly behind: readonly number[]
}

/** Those who wait for a lock of `ours`. */
export function waitingForUs<T extends Wait>(waits: readonly T[], ours: ReadonlySet<number>): T[] {
  return waits.filter(({ pid, behind }) => !ours.has(pid) && behind.some((other) => ours.has(other)))
}

/**
 * Those who wait for a lock of `ours` while another of `ours` waits behind them, however long the chain. The server sees no
 * deadlock there: what closes the circle is that our sessions wait for each other outside of it.
 */
export function standingStill<T extends Wait>(waits: readonly T[], ours: ReadonlySet<number>): T[] {
  const queue = new Map(waits.map((wait) => [wait.pid, wait.behind]))
  const reached = new Set<number>()
  const open = waits.filter(({ pid }) => ours.has(pid)).flatMap(({ behind }) => behind)
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (reached.has(pid) || ours.has(pid)) continue
    reached.add(pid)
    open.push(...(queue.get(pid) ?? []))
  }
  return waitingForUs(waits, ours).filter(({ pid }) => reached.has(pid))
}

const LONGEST = 120

/**
 * A statement of somebody else in one short line. It ends at the first value, which may be a password or a customer's
 * name, and comments are left out.
 */
export function shortStatement(sql: string): string {
  const line = sql
    .replace(/\/\*[\s\S]*?\*\//g, ' ')
    .replace(/--.*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const value = line.search(/'|\$[\p{L}_$]/u)
  const kept = Array.from(value === -1 ? line : line.slice(0, value))
    .slice(0, LONGEST)
    .join('')
  return kept.length < line.length ? `${kept}…` : kept
}
