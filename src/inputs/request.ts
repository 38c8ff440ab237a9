import type { Choice } from '../catalog/choose.ts'
import type { WatchTargets } from '../catalog/watched.ts'
import type { Compression } from '../pipeline/compression.ts'
import type { Connection } from '../postgres/connection.ts'
import type { DoctorRequest } from './doctor-request.ts'
import type { StoreRequest } from './store-request.ts'

export type { DoctorRequest } from './doctor-request.ts'
export type { Credentials, StoreRequest } from './store-request.ts'

/** What a run was asked to do: complete, checked, and free of anything that says where it was read from. */
export type Request =
  | BackupRequest
  | RestoreVerifyRequest
  | RestoreRequest
  | ListRequest
  | PruneRequest
  | LifecycleRequest
  | ReindexRequest
  | ReplicateRequest
  | CheckRequest
  | DrillRequest
  | DoctorRequest

/** Every command that there is. */
export type Command = Request['command']

export type BackupRequest = PostgresBackupRequest | MeilisearchBackupRequest

interface BackupBase {
  readonly command: 'backup'
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
  readonly compression: Compression
  /** Public age recipients; empty when `none` was asked for in so many words. */
  readonly recipients: readonly string[]
  readonly maxShrink: MaxShrink
  readonly limits: Limits
  readonly targets: Targets
  /** Every string that has to be masked: see `readSecrets`. */
  readonly secrets: readonly string[]
  /** Worth knowing, nothing to do. */
  readonly notices: readonly string[]
  /** To be acted on, though the run goes on. */
  readonly warnings: readonly string[]
}

export interface PostgresBackupRequest extends BackupBase {
  readonly source: 'postgres'
  /** What the backup is called, where that is not the database's name. Never together with `databases`. */
  readonly name?: string
  readonly connection: Connection
  /** `all` that the role can connect to, a list without repetitions, or undefined: the one in the URL. */
  readonly databases: 'all' | readonly string[] | undefined
  /** Absolute path. */
  readonly pgBinDir?: string
  readonly fingerprint: Fingerprint
}

export interface MeilisearchBackupRequest extends BackupBase {
  readonly source: 'meilisearch'
  readonly name: string
  readonly server: SearchServer
  /** Where the server writes dumps, as this machine sees it: absolute; absent: the dump is built from the API. */
  readonly dumpDirectory?: string
  readonly allowInconsistent: boolean
}

/** A Meilisearch server. */
export interface SearchServer {
  /** Without a `/` behind it. */
  readonly host: string
  readonly apiKey?: string
}

/** What is backed up; `list`, `prune` and `lifecycle` treat all alike and take only prefix and defaults from it. */
export type Source = 'postgres' | 'meilisearch' | 'bucket'

/** What a verification does on top of its ladder. */
export type VerifyExtra = 'negative-control' | 'amcheck'

export type RestoreVerifyRequest = PostgresVerifyRequest | MeilisearchVerifyRequest

interface VerifyBase {
  readonly command: 'restore-verify'
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
  readonly choice: Choice
  /** Secret keys of age; empty: only what can be proved without. */
  readonly identities: readonly string[]
  readonly extras: readonly VerifyExtra[]
  readonly targets: {
    /** The least number of recipients. */
    readonly recipients?: number | undefined
    /** The longest that a restore may take, in milliseconds. */
    readonly rto?: number | undefined
  }
  readonly stallMs: number
  readonly retries: number
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

/** A verification of everything under the prefix, with what a drill adds to it. */
export interface DrillRequest extends Omit<PostgresVerifyRequest, 'command'> {
  readonly command: 'drill'
  /** The longest that the whole drill may take, in milliseconds. */
  readonly totalMs: number
  /** Paths of the evidence, each ending in `.html` or `.json`. */
  readonly reports: readonly string[]
  /** Where a failed drill is told of; absent: nowhere but in the job. */
  readonly issues?: {
    /** Without a `/` behind it. */
    readonly api: string
    readonly repository: string
    readonly token: string
  }
}

export interface PostgresVerifyRequest extends VerifyBase {
  readonly source: 'postgres'
  /** A server of the user's; absent: a throwaway server is started. */
  readonly target?: Connection
  /** Absolute path. */
  readonly pgBinDir?: string
  /** Path of the expectations file, as it was given. */
  readonly expectations?: string
}

export interface MeilisearchVerifyRequest extends VerifyBase {
  readonly source: 'meilisearch'
  /** An empty server; absent: only what can be proved without one. */
  readonly target?: SearchServer
  /** The server that is backed up, where it is known. */
  readonly liveHost?: string
}

export type RestoreRequest = PostgresRestoreRequest | MeilisearchRestoreRequest

interface RestoreBase {
  readonly command: 'restore'
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
  /** A backup, or an archive by its complete key. */
  readonly what:
    { readonly kind: 'backup'; readonly choice: Choice } | { readonly kind: 'key'; readonly key: string }
  /** Secret keys of age; empty where none is given. */
  readonly identities: readonly string[]
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

export interface PostgresRestoreRequest extends RestoreBase {
  readonly source: 'postgres'
  /** Where it goes; its name was confirmed. */
  readonly target: Connection
  /** Patterns of tables; empty: everything. Never together with `clean`. */
  readonly only: readonly string[]
  /** The target is in use: restored beside it, put in its place. */
  readonly clean: boolean
  /** Absolute path. */
  readonly pgBinDir?: string
}

export interface MeilisearchRestoreRequest extends RestoreBase {
  readonly source: 'meilisearch'
  /** Where it goes; its host was confirmed. */
  readonly target: SearchServer
  /** `products.default` to the key of that embedder, or to `waived`. */
  readonly embedderKeys: ReadonlyMap<string, string>
}

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

export interface ReindexRequest {
  readonly command: 'reindex'
  /** The database that documents are read from. */
  readonly connection: Connection
  readonly search: {
    /** Without a `/` behind it. */
    readonly host: string
    readonly apiKey?: string
  }
  /** `products.default` to the key of that embedder. */
  readonly embedderKeys: ReadonlyMap<string, string>
  /** Path of the file that declares the indexes, as it was given. */
  readonly declarations: string
  /** Where the backups of search are, for settings from the newest one. */
  readonly backup?: {
    readonly store: StoreRequest
    /** Empty (the bucket's root), or ending in exactly one `/`. */
    readonly prefix: string
    readonly name: string | undefined
    readonly identities: readonly string[]
  }
  readonly rto: {
    readonly ms: number
    /** It was said in the step: missing it makes the step red. */
    readonly asked: boolean
  }
  readonly limits: {
    /** No progress of a task for so long is a failure. */
    readonly stallMs: number
    readonly snapshotMs: number
    readonly lockWaitMs: number
    readonly retries: number
  }
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
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

export type Fingerprint = 'digest' | 'counts' | 'none'

/** Where a second copy of the backups stands. */
export interface ReplicaRequest {
  readonly store: StoreRequest
  /** Empty (the bucket's root), or ending in exactly one `/`. */
  readonly prefix: string
}

/** Fractions between 0 and 1 of what the backup before held. */
export interface MaxShrink {
  readonly warn: number
  readonly fail?: number
}

export interface Limits {
  /** Size of the parts of a multipart upload; absent: chosen from the database's size. */
  readonly partBytes?: number
  /** No bytes for so long is a failure. */
  readonly stallMs: number
  /** The longest that the snapshot may be held. */
  readonly snapshotMs: number
  /** The longest wait for a table's lock; absent: the source's own choice. */
  readonly lockWaitMs?: number
  /** How often a failed request to the store is sent again. */
  readonly retries: number
}

export interface Targets {
  /** The least number of recipients. */
  readonly recipients?: number
}
