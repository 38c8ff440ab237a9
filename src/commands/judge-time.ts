import type { RungReport } from '../catalog/verification.ts'

/** What a restore in earnest would take: everything but the checks, which it could do without. */
export function restoreSeconds(seconds: Readonly<Record<string, number>>, proving: number): number {
  const phases = ['fetch', 'decrypt', 'restore', 'analyze'].map((phase) => seconds[phase])
  const known = phases.reduce<number>((sum, phase) => sum + (phase ?? 0), 0)
  return Math.round((seconds['restore'] === undefined ? known + proving : known) * 1000) / 1000
}

/** The rung `time`: `rtoMs` is the longest that it may take; undefined: nobody said. */
export function judgeTime(seconds: number, rtoMs: number | undefined): RungReport {
  const took = `Fetched, decrypted, restored and analyzed in ${seconds.toFixed(1)} s`
  if (rtoMs === undefined) return { outcome: 'skipped', summary: `${took}; targets names no rto.` }
  const most = `${(rtoMs / 1000).toFixed(0)} s`
  if (seconds * 1000 <= rtoMs) return { outcome: 'passed', summary: `${took}, within the target of ${most}.` }
  return {
    outcome: 'failed',
    summary: `${took}: longer than the target of ${most}.`,
    findings: [{ what: 'time to restore', expected: `at most ${most}`, found: `${seconds.toFixed(1)} s` }],
  }
}
