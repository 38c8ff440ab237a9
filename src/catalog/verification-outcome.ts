import type { ListedBackup } from './listing.ts'
import type { Manifest } from './manifest.ts'
import type { Verdict } from './names.ts'
import type { ProofTotals } from './proof.ts'
import type { ClimbedRung } from './verification.ts'

/** What came of climbing the ladder, with whatever archive. */
export interface ClimbOutcome {
  readonly rungs: readonly ClimbedRung[]
  readonly verdict: Verdict
  readonly totals: ProofTotals | undefined
  /** Phase to duration, in seconds. */
  readonly seconds: Readonly<Record<string, number>>
  /** What the reader should know of where it was restored. */
  readonly notes: readonly string[]
  /** What ended it before its time: the surroundings, not the backup. */
  readonly failure: unknown
}

/** What came of a verification: what is recorded beside the backup, and what is told of it. */
export interface VerificationOutcome extends ClimbOutcome {
  readonly backup: ListedBackup
  /** The committed backup before it, for whoever needs another one now. */
  readonly older: ListedBackup | undefined
  /** The backup's folder in the store, with the `/` at its end. */
  readonly folder: string
  /** Undefined where it could not be read. */
  readonly manifest: Manifest | undefined
  /** Without an identity the rest of the ladder could not be climbed. */
  readonly withoutIdentity: boolean
  readonly rtoSeconds: number | undefined
  /** Key of the record; undefined where nothing was recorded. */
  readonly recordKey: string | undefined
}

/** What came of a verification of an archive without a manifest. */
export interface ForeignOutcome extends ClimbOutcome {
  /** Complete. */
  readonly key: string
  /** As stored. */
  readonly bytes: number
}
