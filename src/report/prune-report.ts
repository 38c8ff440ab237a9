/** What a run of `prune` has to tell. */
export interface PruneReport {
  /** The store's own description, for people. */
  readonly store: string
  readonly prefix: string
  /** The policy as somebody would say it. */
  readonly policy: string
  readonly dryRun: boolean
  readonly names: readonly PrunedName[]
  /** Objects under the prefix that are not Lifeboat's. */
  readonly foreign: number
  /** What a delete leaves behind in this store; absent: nothing was to be removed. */
  readonly versions?: string
  /** To be acted on. */
  readonly problems: readonly string[]
  /** Worth knowing. */
  readonly notices: readonly string[]
}

export interface PrunedName {
  readonly name: string
  readonly totals: PruneTotals
  /** The newest ones, newest first, at most `MOST_SHOWN`: nobody reads more, and a summary holds no more. */
  readonly backups: readonly PrunedBackup[]
  /** At most `MOST_SHOWN`. */
  readonly attempts: readonly PrunedAttempt[]
  /** Keys of uploads that were aborted. */
  readonly aborted: readonly string[]
}

/** `goes`: in a dry run, it would. */
export type Fate = 'stays' | 'goes' | 'removed' | 'locked' | 'failed' | 'unfinished'

export interface PrunedBackup {
  readonly id: string
  readonly time: Date
  readonly bytes: number
  readonly verification: 'ok' | 'failed' | 'none'
  readonly fate: Fate
  /** Why it stays or goes, and what came in between. */
  readonly reasons: readonly string[]
}

export interface PrunedAttempt {
  readonly id: string
  readonly lastActivity: Date
  readonly bytes: number
  readonly fate: Fate
  readonly reason: string
}

export interface PruneTotals {
  readonly kept: number
  readonly removed: number
  readonly bytesFreed: number
  readonly attemptsRemoved: number
  readonly uploadsAborted: number
}

export const MOST_SHOWN = 1_000

const NOTHING: PruneTotals = { kept: 0, removed: 0, bytesFreed: 0, attemptsRemoved: 0, uploadsAborted: 0 }

/** Of all names together; in a dry run of what would be removed. */
export function pruneTotals(names: readonly PrunedName[]): PruneTotals {
  return names.reduce(
    (sum, { totals }) => ({
      kept: sum.kept + totals.kept,
      removed: sum.removed + totals.removed,
      bytesFreed: sum.bytesFreed + totals.bytesFreed,
      attemptsRemoved: sum.attemptsRemoved + totals.attemptsRemoved,
      uploadsAborted: sum.uploadsAborted + totals.uploadsAborted,
    }),
    NOTHING,
  )
}
