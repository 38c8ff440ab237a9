/** A store that removes things by itself, by rules that stand in its bucket's configuration. */
export interface LifecycleStore {
  /** The bucket's rules; undefined where the store has none of this. `store-access` where we may not see them. */
  lifecycle(): Promise<readonly BucketRule[] | undefined>
  /**
   * Puts these rules in place of all that there are. Rules that came from `lifecycle` are put back as they were, with all
   * that this version does not know of them.
   */
  replaceLifecycle(rules: readonly BucketRule[]): Promise<void>
}

/** What we understand of a rule. */
export interface BucketRule {
  /** Empty where the store gave none. */
  readonly id: string
  readonly enabled: boolean
  /** Objects whose keys begin so; empty: all. */
  readonly prefix: string
  /** It looks at tags or sizes too, so it may not touch all of its prefix. */
  readonly narrowed: boolean
  /** Objects are removed so many days after they were written. */
  readonly expireDays?: number
  /** Objects are removed at this moment. */
  readonly expireDate?: Date
  /** Unfinished uploads are aborted so many days after they began. */
  readonly abortDays?: number
  /** The rule as the store gave it; only the store that did may look inside. Absent: it is new. */
  readonly original?: unknown
}
