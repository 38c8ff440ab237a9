import type { ClimbedRung } from '../catalog/verification.ts'
import type { ForeignOutcome, VerificationOutcome } from '../catalog/verification-outcome.ts'

/** What a verification has to tell. */
export interface VerificationReport extends VerificationOutcome {
  /** The store's own description, for people. */
  readonly store: string
}

/** What a verification of an archive without a manifest has to tell. */
export interface ForeignReport extends ForeignOutcome {
  readonly store: string
}

/** All of the ladder that was asked for holds, and what proves the backup was measured in full. */
export function isVerified({ verdict, failure }: Pick<VerificationReport, 'verdict' | 'failure'>): boolean {
  return verdict === 'ok' && failure === undefined
}

/** How many differences a failure names; the summary has all. */
const SHOWN = 8

/** The first differences of a rung that failed, a line each. */
export function findingLines({ findings = [] }: Pick<ClimbedRung, 'findings'>): string[] {
  return findings
    .slice(0, SHOWN)
    .map(
      ({ what, expected, found }) =>
        `${what}: ${expected === '' ? '' : `expected ${expected}, `}found ${found}`,
    )
}

export function failedRung({ rungs }: Pick<VerificationReport, 'rungs'>): ClimbedRung | undefined {
  return rungs.find(({ outcome }) => outcome === 'failed')
}
