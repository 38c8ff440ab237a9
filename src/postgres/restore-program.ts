import type { ClientTools } from './client-tools.ts'
import type { ServerError } from './server-errors.ts'

/** The program, the database that it works in, and a place for its lists. */
export interface PgRestore {
  readonly tools: ClientTools
  /** The whole environment, with what libpq needs: see `restoreEnvironment`. */
  readonly environment: Readonly<Record<string, string>>
  /** A folder of ours. */
  readonly folder: string
  /** Ends it; `watchServer` gives one that notices when nothing happens any more. */
  readonly signal: AbortSignal
  /** The errors in the server's own log, where it can be read: they have an SQLSTATE, which pg_restore does not tell. */
  readonly serverErrors?: () => Promise<readonly ServerError[]>
}

/** Where an archive is read from: a file, or a stream into standard input. */
export type ArchiveInput = { readonly path: string } | { readonly bytes: AsyncIterable<Uint8Array> }
