import type { WatchTargets } from '../catalog/watched.ts'
import type { StoreRequest } from './store-request.ts'

/** What is backed up; `list`, `prune` and `lifecycle` treat all alike and take only prefix and defaults from it. */
export type Source = 'postgres' | 'meilisearch' | 'bucket'

export interface ListRequest {
  readonly command: 'list'
  readonly source: Source
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
  /** Only this name's backups; absent: all. */
  readonly name?: string
  /** Where the list is written as JSON; a relative path is one in the working directory. */
  readonly report?: string
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

interface CatalogRequest {
  readonly source: Source
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
  readonly retention: Retention
  /** Nothing is changed, only told. */
  readonly dryRun: boolean
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

export interface PruneRequest extends CatalogRequest {
  readonly command: 'prune'
  /** Only this name's backups; absent: all. */
  readonly name?: string
  /** Names of which more than `max-delete` may go. */
  readonly confirmed: readonly string[]
  readonly deleteVersions: boolean
}

export interface LifecycleRequest extends CatalogRequest {
  readonly command: 'lifecycle'
  /** The store removes objects that are so old; absent: it removes none. */
  readonly expireDays?: number
}

export interface ReplicateRequest {
  readonly command: 'replicate'
  readonly source: Source
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
  readonly replica: ReplicaRequest
  /** Only this name's backups; absent: all. */
  readonly name?: string
  /** What the prune of the replica keeps: nothing else is copied. Absent: everything is. */
  readonly retention?: Retention
  /** Nothing is copied, only told. */
  readonly dryRun: boolean
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

export interface CheckRequest extends Omit<CatalogRequest, 'dryRun'> {
  readonly command: 'check'
  /** The second store that is looked at, too. */
  readonly replica?: ReplicaRequest
  /** Only this name's backups; absent: all. */
  readonly name?: string
  readonly targets: WatchTargets
  /** To whom backups should be encrypted; empty: to nobody, on purpose. Absent: to anybody. */
  readonly recipients?: readonly string[]
  /** What our lifecycle rule should say; absent: whatever it says. */
  readonly expireDays?: number
  /** Where the state is written as a page, and as data; a relative path is one in the working directory. */
  readonly reports: { readonly html?: string; readonly json?: string }
}

/** What stays. Counts of 0 are rules that are not used. */
export interface Retention {
  readonly keep: {
    readonly last: number
    readonly hourly: number
    readonly daily: number
    readonly weekly: number
    readonly monthly: number
    readonly yearly: number
  }
  /** Everything younger stays; undefined: age keeps nothing. */
  readonly days: number | undefined
  readonly minKeep: number
  /** Records of the audit trail stay so many days. */
  readonly auditDays: number
  readonly guards: {
    readonly maxAgeMs: number
    /** A fraction between 0 and 1. */
    readonly maxDelete: number
  }
}

/** Where a second copy of the backups stands. */
export interface ReplicaRequest {
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
}
