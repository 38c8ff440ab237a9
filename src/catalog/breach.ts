import type { BackupId } from './names.ts'

/** Something that is not as it has to be: `check` is red for every single one. Times in UTC, durations in milliseconds. */
export type Breach =
  /** There is no committed backup at all; without a name: of nothing under the prefix. */
  | { readonly kind: 'nothing'; readonly name?: string }
  /** The newest good backup is older than the target; `stopped`: than `max-age`, too. */
  | {
      readonly kind: 'late' | 'stopped'
      readonly name: string
      readonly id: BackupId
      readonly ageMs: number
      readonly limitMs: number
    }
  /** In the last 30 days there was no backup for longer than the target. */
  | {
      readonly kind: 'gap'
      readonly name: string
      readonly from: Date
      readonly to: Date
      readonly gapMs: number
      readonly limitMs: number
    }
  /** A later Lifeboat wrote them: they count for nothing here. `since` is the oldest's snapshot. */
  | { readonly kind: 'newer'; readonly name: string; readonly backups: number; readonly since: Date }
  | { readonly kind: 'unverified'; readonly name: string }
  | {
      readonly kind: 'verification-failed'
      readonly name: string
      readonly id: BackupId
      readonly time: Date
    }
  /** The last proof, or what it proved, is older than the target allows. */
  | {
      readonly kind: 'verification-old'
      readonly name: string
      readonly id: BackupId
      readonly ageMs: number
      readonly limitMs: number
    }
  /** Bringing it back took longer than the target. */
  | {
      readonly kind: 'slow-restore'
      readonly name: string
      readonly id: BackupId
      readonly tookMs: number
      readonly limitMs: number
    }
  /** The newest backup holds much less, or much more, than those before it. */
  | {
      readonly kind: 'shrunk' | 'grown'
      readonly name: string
      readonly id: BackupId
      readonly what: 'rows' | 'documents' | 'bytes'
      readonly now: number
      readonly usual: number
    }
  /** `claimed`: its name says that it is encrypted. */
  | {
      readonly kind: 'unencrypted'
      readonly name: string
      readonly id: BackupId
      readonly file: string
      readonly claimed: boolean
      readonly backups: number
    }
  /** Encrypted to others than the manifest says, or than is wanted. */
  | {
      readonly kind: 'recipients'
      readonly name: string
      readonly id: BackupId
      readonly file: string
      readonly found: string
      readonly expected: string
      readonly by: 'manifest' | 'wanted' | 'target'
    }
  /** A manifest that cannot be read, or artifacts that are not as it says. */
  | { readonly kind: 'damaged'; readonly name: string; readonly id: BackupId; readonly what: string }
  /** A verification record that is not of the backup beside it: it counts for nothing. `what` follows the file's name. */
  | {
      readonly kind: 'foreign-record'
      readonly name: string
      readonly id: BackupId
      readonly file: string
      readonly what: string
    }
  /** The policy let them go days ago, and they are still there. */
  | {
      readonly kind: 'retention'
      readonly name: string
      readonly backups: number
      readonly bytes: number
      readonly oldest: BackupId
    }
  /** A guard of `prune` refuses to remove anything. */
  | { readonly kind: 'guard'; readonly name: string; readonly message: string; readonly hint: string }
  | { readonly kind: 'lost-manifest'; readonly name: string; readonly id: BackupId }
  /** Left behind by something that died, and removed by nobody. */
  | {
      readonly kind: 'stray-attempts' | 'stray-uploads'
      readonly name: string
      readonly count: number
      readonly oldest: string
    }
  /** A lifecycle rule is about to take what must not go. */
  | {
      readonly kind: 'lifecycle-threat'
      readonly name: string
      readonly id: BackupId
      readonly rule: string
      readonly at: Date
      readonly verified: boolean
    }
  | { readonly kind: 'lifecycle-drift'; readonly change: string }
  | { readonly kind: 'lifecycle-eager'; readonly rule: string; readonly keepsDays: number }
  /** Two databases take turns under one name. */
  | { readonly kind: 'alternating'; readonly name: string; readonly systems: readonly string[] }
  /** The second store lacks backups that are newer than all that it has; `id` is the oldest of them. */
  | {
      readonly kind: 'replica-behind'
      readonly name: string
      readonly id: BackupId
      readonly backups: number
      readonly ageMs: number
      readonly limitMs: number
    }
  /** An object has another size in the second store, in bytes, or is missing there; in so many backups. */
  | {
      readonly kind: 'replica-short'
      readonly name: string
      readonly id: BackupId
      readonly file: string
      readonly here: number
      readonly there: number | undefined
      readonly backups: number
    }
  /** The second store cannot be looked at. */
  | { readonly kind: 'replica-unseen'; readonly message: string; readonly hint: string }
  | { readonly kind: 'clock'; readonly skewMs: number }
  /** Backups are dated in the future. */
  | { readonly kind: 'future'; readonly name: string; readonly id: BackupId; readonly backups: number }
  /** The store does not let us look. */
  | { readonly kind: 'rights'; readonly what: string; readonly message: string; readonly hint: string }

export type BreachKind = Breach['kind']
