import type { ListedBackup } from './listing.ts'
import type { Manifest } from './manifest.ts'
import type { Verdict } from './names.ts'
import type { ProofTotals } from './proof.ts'
import type { ClimbedRung } from './verification.ts'

/** What came of a verification: what is recorded beside the backup, and what is told of it. */
export interface VerificationOutcome {
  readonly backup: ListedBackup
  /** The committed backup before it, for whoever needs another one now. */
  readonly older: ListedBackup | undefined
  /** The backup's folder in the store, with the `/` at its end. */
  readonly folder: string
  /** Undefined where it could not be read. */
  readonly manifest: Manifest | undefined
  readonly rungs: readonly ClimbedRung[]
  readonly verdict: Verdict
  /** Without an identity the rest of the ladder could not be climbed. */
  readonly withoutIdentity: boolean
  readonly totals: ProofTotals | undefined
  /** Phase to duration, in seconds. */
  readonly seconds: Readonly<Record<string, number>>
  readonly rtoSeconds: number | undefined
  /** What the reader should know of where it was restored. */
  readonly notes: readonly string[]
  /** Key of the record; undefined where nothing was recorded. */
  readonly recordKey: string | undefined
  /** What ended it before its time: the surroundings, not the backup. */
  readonly failure: unknown
}
