import type { Connection } from '../postgres/connection.ts'
import type { StoreRequest } from './store-request.ts'

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
