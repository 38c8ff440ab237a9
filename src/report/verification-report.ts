import type { ClimbedRung } from '../catalog/verification.ts'
import type { VerificationOutcome } from '../catalog/verification-outcome.ts'

/** What a verification has to tell. */
export interface VerificationReport extends VerificationOutcome {
  /** The store's own description, for people. */
  readonly store: string
}

/** All of the ladder that was asked for holds, and what proves the backup was measured in full. */
export function isVerified({ verdict, failure }: Pick<VerificationReport, 'verdict' | 'failure'>): boolean {
  return verdict === 'ok' && failure === undefined
}

export function failedRung({ rungs }: Pick<VerificationReport, 'rungs'>): ClimbedRung | undefined {
  return rungs.find(({ outcome }) => outcome === 'failed')
}
