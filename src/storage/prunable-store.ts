import type { ObjectStore, PendingUpload } from './object-store.ts'

/**
 * A store in which things can be removed. A backup is only ever given an `ObjectStore`, which cannot: that it deletes
 * nothing is not a matter of care.
 */
export interface PrunableStore extends ObjectStore {
  /**
   * Removes objects, in batches where the store takes them. Gives what became of each key, in the order of `keys`; one
   * that was gone already is removed. Throws only where nothing can be said of single keys: the store cannot be reached,
   * does not know us, or `signal` was aborted.
   */
  remove(keys: readonly string[], signal: AbortSignal): Promise<readonly Removal[]>
  /** When something last happened in an unfinished write: its newest part, or its begin. Undefined when it is gone. */
  lastActivity(upload: PendingUpload): Promise<Date | undefined>
  /**
   * How far the store's clock is ahead of ours, in milliseconds, as its last answer said (to a second), or as a request
   * says where there was none. Undefined where the store does not tell the time.
   */
  clockSkewMs(): Promise<number | undefined>
  versioning(): Promise<Versioning>
  /** Every version of every object whose key begins with `prefix`, markers of deletions among them. */
  versions(prefix: string): AsyncIterable<ObjectVersion>
  /** Removes versions for good; as `remove`. */
  removeVersions(versions: readonly ObjectVersion[], signal: AbortSignal): Promise<readonly Removal[]>
}

/**
 * `enabled`, `suspended`: a delete leaves versions, in the second case older ones. `off`: none were ever kept.
 * `unsupported`: the store has none, or says nothing of them, which no empty answer can tell apart. `hidden`: we may
 * not ask.
 */
export type Versioning = 'enabled' | 'suspended' | 'off' | 'unsupported' | 'hidden'

export interface ObjectVersion {
  readonly key: string
  readonly versionId: string
  /** Bytes; 0 for a marker. */
  readonly size: number
}

export interface Removal {
  readonly key: string
  /** `locked`: a bucket lock or an object lock holds it. */
  readonly outcome: 'removed' | 'locked' | 'failed'
  /** What the store said, where it did not remove it. */
  readonly reason?: string
}
