import { failedRung, isVerified, type ForeignReport, type VerificationReport } from './verification-report.ts'

/** The outputs that no other command has, in the order of `action.yml`. */
export const VERIFICATION_OUTPUTS = [
  'verified',
  'verdict',
  'failed-check',
  'orphans',
  'rto-seconds',
  'record-key',
] as const

const WITHOUT_BACKUP: Partial<VerificationReport> = {}

/** Every output of `command: restore-verify`, as `action.yml` describes them. */
export function verificationOutputs(
  report: VerificationReport | ForeignReport,
): Readonly<Record<string, string>> {
  const { verdict, totals, rungs, failure } = report
  const { backup, manifest, rtoSeconds, recordKey } = 'backup' in report ? report : WITHOUT_BACKUP
  const notMeasured = rungs.find(({ outcome }) => outcome === 'not-measured')
  const failed = failedRung(report) ?? (failure === undefined ? undefined : notMeasured)
  return {
    verified: String(isVerified(report)),
    verdict: failure === undefined ? verdict : 'none',
    'backup-id': backup?.id ?? '',
    name: backup?.name ?? '',
    'snapshot-time': manifest?.snapshot.time ?? '',
    tables: totals === undefined ? '' : String(totals.tables),
    rows: totals?.rows == null ? '' : String(totals.rows),
    orphans: totals?.orphans == null ? '' : String(totals.orphans),
    'rto-seconds': rtoSeconds === undefined ? '' : rtoSeconds.toFixed(1),
    'failed-check': failed?.rung ?? '',
    'record-key': recordKey ?? '',
  }
}
