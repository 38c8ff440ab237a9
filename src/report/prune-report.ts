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
  /** Newest first. */
  readonly backups: readonly PrunedBackup[]
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

/** Of one name or several; in a dry run of what would be removed. */
export function pruneTotals(names: readonly PrunedName[]): PruneTotals {
  const backups = names.flatMap((name) => name.backups)
  const attempts = names.flatMap((name) => name.attempts)
  const isGone = ({ fate }: { readonly fate: Fate }): boolean => fate === 'removed' || fate === 'goes'
  const gone = [...backups, ...attempts].filter(isGone)
  return {
    kept: backups.filter((each) => !isGone(each)).length,
    removed: backups.filter(isGone).length,
    bytesFreed: gone.reduce((sum, { bytes }) => sum + bytes, 0),
    attemptsRemoved: attempts.filter(isGone).length,
    uploadsAborted: names.reduce((sum, { aborted }) => sum + aborted.length, 0),
  }
}
