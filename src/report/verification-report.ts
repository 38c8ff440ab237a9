import type { Manifest } from '../catalog/manifest.ts'
import type { Verdict } from '../catalog/names.ts'
import type { ProofTotals } from '../catalog/proof.ts'
import type { ClimbedRung } from '../catalog/verification.ts'

/** What a verification has to tell. */
export interface VerificationReport {
  /** The store's own description, for people. */
  readonly store: string
  readonly folder: string
  readonly id: string
  readonly name: string
  readonly manifest: Manifest | undefined
  readonly rungs: readonly ClimbedRung[]
  readonly verdict: Verdict
  readonly withoutIdentity: boolean
  readonly totals: ProofTotals | undefined
  readonly seconds: Readonly<Record<string, number>>
  readonly rtoSeconds: number | undefined
  readonly notes: readonly string[]
  readonly recordKey: string | undefined
  /** What ended it, in a sentence, where that was not the backup. */
  readonly failure: string | undefined
}

/** All of the ladder that was asked for holds, and what proves the backup was measured in full. */
export function isVerified({ verdict, failure }: Pick<VerificationReport, 'verdict' | 'failure'>): boolean {
  return verdict === 'ok' && failure === undefined
}

export function failedRung({ rungs }: Pick<VerificationReport, 'rungs'>): ClimbedRung | undefined {
  return rungs.find(({ outcome }) => outcome === 'failed')
}
