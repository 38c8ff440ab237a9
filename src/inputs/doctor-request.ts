import type { Connection } from '../postgres/connection.ts'
import type { EmptyVariable, Problem } from './problems.ts'
import type { LiveSearchServer } from './search-request.ts'
import type { StoreRequest } from './store-request.ts'

/** What is absent was not given, or is wrong: `inputs.problems` says so. */
export interface DoctorRequest {
  readonly command: 'doctor'
  readonly source: 'postgres' | 'meilisearch' | 'bucket'
  readonly store?: StoreRequest
  readonly prefix?: string
  /** Empty when `none` was asked for in so many words. */
  readonly recipients?: readonly string[]
  readonly identities: readonly string[]
  readonly connection?: Connection
  readonly databases: 'all' | readonly string[] | undefined
  readonly pgBinDir?: string
  readonly search?: LiveSearchServer
  /** Whether the store's keys have to be able to delete. */
  readonly deletes: boolean
  readonly inputs: {
    readonly problems: readonly Problem[]
    readonly empty: readonly EmptyVariable[]
    /** Names of the inputs that are given. */
    readonly read: readonly string[]
  }
  readonly secrets: readonly string[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}
