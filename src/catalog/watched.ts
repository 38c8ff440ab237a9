import type { Breach } from './breach.ts'
import type { BackupId, Verdict } from './names.ts'
import type { VerificationState } from './verification-state.ts'

/** How far back `check` looks, in milliseconds. */
export const WINDOW_MS = 30 * 86_400_000

/** What has to be met. Durations in milliseconds. */
export interface WatchTargets {
  readonly rpoMs: number
  /** The longest gap between two backups of the last 30 days. */
  readonly gapMs: number
  readonly rtoMs: number
  /** Absent: nothing has to be verified. */
  readonly verifiedMs?: number
  /** So far a second store may be behind; absent: as old as the newest backup may be. */
  readonly replicaMs?: number
  /** The least number of recipients; absent: any. */
  readonly recipients?: number
}

/** One committed backup, as far as it was looked at. */
export interface WatchedBackup {
  readonly id: BackupId
  readonly time: Date
  /** Of the whole folder, as stored. */
  readonly bytes: number
  readonly verification: VerificationState | undefined
  /** From its manifest; absent where that was not read. */
  readonly seconds?: number
  readonly plainBytes?: number
  readonly rows?: number
  /** Where it is a search index. */
  readonly documents?: number
}

/** A restore whose time was taken. */
export interface MeasuredRestore {
  readonly id: BackupId
  /** End of the verification. */
  readonly time: Date
  readonly verdict: Verdict
  /** Fetching, decrypting, restoring and analyzing. */
  readonly seconds: number
}

/** Worth a look, and nothing that has to be otherwise. */
export interface Remark {
  /** What of it is unlike the others: what it holds, how long it took, how long bringing it back took. */
  readonly what: 'size' | 'duration' | 'restore'
  readonly id: BackupId
  /** How many times as much as usual. */
  readonly factor: number
}

/** What stands of one name in the second store. */
export interface WatchedReplica {
  /** Committed. */
  readonly backups: number
  readonly newest: NewestBackup | undefined
}

/** How often what was begun ended well, of one name, as far as what is left in the store can tell. */
export interface NameRates {
  /** Of the last 7 days: before that, prune removes what failed. */
  readonly backups: { readonly begun: number; readonly committed: number }
  /** Of the last 30 days. */
  readonly restores: Readonly<Record<Verdict, number>>
}

export interface NewestBackup {
  readonly id: BackupId
  readonly time: Date
  readonly ageMs: number
}

export interface Gap {
  readonly from: Date
  readonly to: Date
  readonly ms: number
}

/** All that is known of one name's backups. */
export interface WatchedName {
  readonly name: string
  readonly total: { readonly backups: number; readonly bytes: number; readonly attempts: number }
  /** The newest ones, newest first. */
  readonly backups: readonly WatchedBackup[]
  /** The newest that is not known to be bad. */
  readonly newest: NewestBackup | undefined
  /** The worst of the last 30 days, as far as what is kept can tell. */
  readonly gap: Gap | undefined
  /** What the latest verification said, of whichever backup. */
  readonly verification: { readonly id: BackupId; readonly verdict: Verdict; readonly time: Date } | undefined
  /** The newest backup that is proved. */
  readonly proved: { readonly id: BackupId; readonly time: Date; readonly at: Date } | undefined
  /** Newest first. */
  readonly restores: readonly MeasuredRestore[]
  /** What those before the last usually took; undefined where there are too few. */
  readonly usualRestoreSeconds: number | undefined
  /** Undefined where no second store was looked at. */
  readonly replica: WatchedReplica | undefined
  readonly rates: NameRates
  /** What an age header shows of the newest backup: `2 × X25519`; `NOT ENCRYPTED`. Undefined: not measured. */
  readonly encryption: string | undefined
  /** What becomes of each backup, newest first. */
  readonly retention: readonly RetentionLine[]
  /** Where the newest backup is, and how to bring it back. */
  readonly recovery: { readonly id: BackupId; readonly lines: readonly string[] } | undefined
  readonly breaches: readonly Breach[]
  /** Newest first. */
  readonly remarks: readonly Remark[]
  /** What is unusual and nothing to be done about. */
  readonly notes: readonly string[]
}

export interface RetentionLine {
  readonly id: BackupId
  readonly bytes: number
  readonly stays: boolean
  readonly reasons: readonly string[]
}

/** How often a command did what it should, in the last 30 days. */
export interface Rate {
  readonly command: string
  readonly success: number
  readonly failure: number
  readonly cancelled: number
  /** The last one that succeeded. */
  readonly last: Date | undefined
}
