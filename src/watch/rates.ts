import type { AuditEntry } from '../catalog/audit.ts'
import { WINDOW_MS, type Rate } from '../catalog/watched.ts'

/** How often each command did what it should in the last 30 days, as the audit trail's names say. By command. */
export function ratesOf(entries: readonly AuditEntry[], now: Date): Rate[] {
  const recent = entries.filter(({ time }) => now.getTime() - time.getTime() <= WINDOW_MS)
  const commands = [...new Set(recent.map(({ command }) => command))].sort()
  return commands.map((command) => {
    const runs = recent.filter((entry) => entry.command === command)
    const count = (result: AuditEntry['result']): number => runs.filter((run) => run.result === result).length
    const successes = runs.filter(({ result }) => result === 'success').map(({ time }) => time.getTime())
    return {
      command,
      success: count('success'),
      failure: count('failure'),
      cancelled: count('cancelled'),
      last: successes.length === 0 ? undefined : new Date(Math.max(...successes)),
    }
  })
}
