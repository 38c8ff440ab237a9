import type { DrillCheck, DrillLeg } from '../catalog/drill.ts'
import type { ClimbedRung } from '../catalog/verification.ts'
import type { VerificationOutcome } from '../catalog/verification-outcome.ts'
import { LifeboatError } from '../errors.ts'

/**
 * What a verification says of a recovery. Stricter than its record: everything up to the target has to be measured, and
 * the negative control has to have found the damage. Throws what kept the verification from measuring.
 */
export function legOf(
  outcome: VerificationOutcome,
  { now }: { readonly now: Date },
): Pick<DrillLeg, 'recoverySeconds' | 'facts' | 'checks' | 'problems'> {
  const { backup, manifest, rungs, verdict, withoutIdentity, totals, rtoSeconds, failure } = outcome
  if (failure instanceof LifeboatError) throw failure
  if (failure !== undefined) throw failure as Error
  const bytes = manifest?.artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0)
  return {
    recoverySeconds: rtoSeconds,
    facts: [
      ['Backup', backup.id],
      ['Snapshot', backup.time.toISOString()],
      ['Hours that would be lost', ((now.getTime() - backup.time.getTime()) / 3_600_000).toFixed(1)],
      ['Bytes as stored', String(bytes ?? backup.bytes)],
      ['Tables', totals === undefined ? 'NOT MEASURED' : String(totals.tables)],
      ['Rows', totals?.rows == null ? 'NOT MEASURED' : String(totals.rows)],
    ],
    checks: rungs.map(checkOf),
    problems: [
      ...(withoutIdentity ? ['Without an identity (age-identities) nothing was restored.'] : []),
      ...rungs.flatMap(({ rung, outcome: each, summary }) =>
        each === 'failed' ? [`${rung}: ${summary}`] : [],
      ),
      ...(verdict === 'partial' && !withoutIdentity
        ? ['Not everything that proves the backup was measured.']
        : []),
      ...controlProblems(rungs, verdict),
    ],
  }
}

/** A proof that cannot fail proves nothing, so the control that shows it can has to have run. */
function controlProblems(rungs: readonly ClimbedRung[], verdict: VerificationOutcome['verdict']): string[] {
  if (verdict !== 'ok') return []
  const control = rungs.find(({ rung }) => rung === 'negative-control')
  if (control?.outcome === 'passed' || control?.outcome === 'failed') return []
  return [`negative-control: ${control?.summary ?? 'it was not reached'} A drill needs it.`]
}

function checkOf({ rung, outcome, summary, seconds }: ClimbedRung): DrillCheck {
  return { what: rung, outcome, summary, seconds }
}
