import type { Choice } from '../catalog/choose.ts'
import type { Compression } from '../pipeline/compression.ts'
import type { Connection } from '../postgres/connection.ts'
import type {
  CheckRequest,
  LifecycleRequest,
  ListRequest,
  PruneRequest,
  ReplicateRequest,
} from './catalog-requests.ts'
import type { DoctorRequest } from './doctor-request.ts'
import type { DrilledSearch } from './drilled-search.ts'
import type { ReindexRequest } from './reindex-request.ts'
import type { LiveSearchServer, SearchServer } from './search-request.ts'
import type { StoreRequest } from './store-request.ts'

export type {
  CheckRequest,
  LifecycleRequest,
  ListRequest,
  PruneRequest,
  ReplicaRequest,
  ReplicateRequest,
  Retention,
  Source,
} from './catalog-requests.ts'
export type { DoctorRequest } from './doctor-request.ts'
export type { DrilledSearch } from './drilled-search.ts'
export type { ReindexRequest } from './reindex-request.ts'
export type { LiveSearchServer, SearchServer } from './search-request.ts'
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

export interface MeilisearchBackupRequest extends BackupBase, LiveSearchServer {
  readonly source: 'meilisearch'
  readonly name: string
  readonly allowInconsistent: boolean
}

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
  /** Bytes of files in memory that the proof may work on; undefined: as the machine has. */
  readonly mostMemory: number | undefined
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

/** A verification of everything under the prefix, and of search, with what a drill adds to it. */
export interface DrillRequest extends Omit<PostgresVerifyRequest, 'command'> {
  readonly command: 'drill'
  /** The longest that the whole drill may take, in milliseconds. */
  readonly totalMs: number
  /** Absent where nothing says that there is search. */
  readonly search?: DrilledSearch
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
  /** `shared-user`: a throwaway server may run as the step's own user where it can have no other. */
  readonly isolation: 'own-user' | 'shared-user'
}

export interface MeilisearchVerifyRequest extends VerifyBase {
  readonly source: 'meilisearch'
  /** An archive without a manifest, by its complete key: then `choice` says nothing. */
  readonly key?: string
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
  /** Uids of indexes, or patterns of them; empty: everything. */
  readonly only: readonly string[]
  /** `products.default` to the key of that embedder, or to `waived`. */
  readonly embedderKeys: ReadonlyMap<string, string>
}

export type Fingerprint = 'digest' | 'counts' | 'none'

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
  /** How long somebody may wait for the backup before it gives way; absent: as long as it takes. */
  readonly yieldMs?: number
  /** How often a failed request to the store is sent again. */
  readonly retries: number
}

export interface Targets {
  /** The least number of recipients. */
  readonly recipients?: number
}
