import type { AuditEntry } from '../catalog/audit.ts'
import type { NamedBackups } from '../catalog/listing.ts'
import { parseVerificationFile } from '../catalog/names.ts'
import { WINDOW_MS, type NameRates, type Rate } from '../catalog/watched.ts'

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

/** Younger attempts are all still there: prune removes none before nothing has happened in it for so long. */
const ATTEMPTS_MS = 7 * 86_400_000
/** In a younger one something may still be written: `limits: snapshot` of a backup is as long. */
const RUNNING_MS = 6 * 3_600_000

/**
 * The same of one name. The trail's names say which command ran, and not on what; so this is counted from what stands in
 * the store: folders with and without a manifest, and verification records. A backup that failed before it stored
 * anything is not among them, nor is one that retention removed.
 */
export function nameRates({ backups, attempts }: NamedBackups, now: Date): NameRates {
  const age = (time: Date): number => now.getTime() - time.getTime()
  const committed = backups.filter(({ time }) => age(time) <= ATTEMPTS_MS).length
  const failed = attempts.filter(
    ({ time, lastActivity, removing, recorded }) =>
      !removing && !recorded && age(time) <= ATTEMPTS_MS && age(lastActivity) > RUNNING_MS,
  ).length
  const verdicts = backups
    .flatMap(({ files }) => files.flatMap((file) => parseVerificationFile(file) ?? []))
    .filter(({ time }) => age(time) <= WINDOW_MS)
  const count = (wanted: string): number => verdicts.filter(({ verdict }) => verdict === wanted).length
  return {
    backups: { begun: committed + failed, committed },
    restores: { ok: count('ok'), failed: count('failed'), partial: count('partial') },
  }
}
