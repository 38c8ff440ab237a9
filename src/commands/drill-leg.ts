import type { DrillCheck } from '../catalog/drill.ts'
import { totalsOf } from '../catalog/totals.ts'
import { PROVING, type ClimbedRung } from '../catalog/verification.ts'
import type { VerificationOutcome } from '../catalog/verification-outcome.ts'
import { LifeboatError } from '../errors.ts'
import type { Recovered } from './drill.ts'

/**
 * What a verification says of a recovery. Stricter than its record: everything up to the target has to be measured, and
 * the negative control has to have found the damage. Throws what kept the verification from measuring.
 */
export function legOf(outcome: VerificationOutcome, { now }: { readonly now: Date }): Recovered {
  const { backup, manifest, rungs, verdict, withoutIdentity, totals, seconds, rtoSeconds, failure } = outcome
  if (failure instanceof LifeboatError) throw failure
  if (failure !== undefined) throw failure as Error
  const bytes = manifest?.artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0)
  const words = manifest && totalsOf(manifest).words
  return {
    // A dump of search that no server took was read, and is not recovered.
    recoverySeconds: seconds['restore'] === undefined ? undefined : rtoSeconds,
    facts: [
      ['Backup', backup.id],
      ['Snapshot', backup.time.toISOString()],
      ['Hours that would be lost', ((now.getTime() - backup.time.getTime()) / 3_600_000).toFixed(1)],
      ['Bytes as stored', String(bytes ?? backup.bytes)],
      [titled(words?.parts ?? 'tables'), totals === undefined ? 'NOT MEASURED' : String(totals.tables)],
      [titled(words?.rows ?? 'rows'), totals?.rows == null ? 'NOT MEASURED' : String(totals.rows)],
    ],
    checks: rungs.map(checkOf),
    problems: [
      ...(withoutIdentity ? ['Without an identity (age-identities) nothing was restored.'] : []),
      ...rungs.flatMap(({ rung, outcome: each, summary }) =>
        each === 'failed' ? [`${rung}: ${summary}`] : [],
      ),
      ...(verdict === 'partial' && !withoutIdentity ? unmeasured(outcome) : []),
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

/** Which rungs of the proof were not climbed, and what the place of it lacked. */
function unmeasured({ rungs, notes }: VerificationOutcome): string[] {
  return [
    'Not everything that proves the backup was measured.',
    ...rungs.flatMap(({ rung, outcome, summary }) =>
      outcome === 'not-measured' && PROVING.includes(rung) ? [`${rung}: ${summary}`] : [],
    ),
    ...notes.filter((note) => note.startsWith('NOT MEASURED')),
  ]
}

function titled(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}

function checkOf({ rung, outcome, summary, seconds }: ClimbedRung): DrillCheck {
  return { what: rung, outcome, summary, seconds }
}
