import type { Manifest } from './manifest.ts'
import type { Clock, Log } from './ports.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { Finding } from './verification.ts'

/** What has been fetched, checked and opened: all that a source needs to bring a backup back. */
export interface RestoreMaterial {
  /** Undefined for an archive that somebody else made. */
  readonly manifest: Manifest | undefined
  /** Path of the plain archive; it is removed by whoever made it. */
  readonly archive: string
  /** Plain bytes of the fingerprint, where there is one. */
  readonly contents: Uint8Array | undefined
  /** Plain bytes of the globals, where there are some. */
  readonly globals: Uint8Array | undefined
}

export interface RestoreContext {
  readonly log: Log
  readonly clock: Clock
  readonly watch: Stopwatch
  readonly signal: AbortSignal
}

/** Something that is not as it was. */
export interface RestoreFailure {
  /** `key public.orders orders_customer_fkey` */
  readonly what: string
  readonly reason: string
}

export interface RestoreOutcome {
  /** What the restored database is called now. */
  readonly database: string
  /** What the one is called now that stood in its place; undefined where there was none, or it still stands there. */
  readonly previous: string | undefined
  /** What could not be restored: whoever reports makes the step red for it. */
  readonly failures: readonly RestoreFailure[]
  /** Keys whose rows break them: they are there, and hold for new rows only. */
  readonly notValid: readonly string[]
  /** What is different on purpose, in sentences. */
  readonly notes: readonly string[]
  /** Statements that put the restored database in the place of the old one, where that was not done. */
  readonly cutOver: readonly string[]
  readonly comparison: Comparison
}

/** Of the restored rows with what the snapshot held. */
export interface Comparison {
  readonly outcome: 'equal' | 'different' | 'not-measured'
  /** One sentence. */
  readonly summary: string
  readonly findings: readonly Finding[]
}

/** Where a backup of one kind of source can be brought back. */
export interface Restorer {
  readonly kind: Manifest['source']
  /**
   * Looks at the place where it is to go, before anything is fetched. Throws `input`, `privilege`, `connection` or
   * `client-tools` where it cannot go there.
   */
  prepare(manifest: Manifest | undefined, context: RestoreContext): Promise<PreparedRestorer>
}

export interface PreparedRestorer {
  restore(material: RestoreMaterial, context: RestoreContext): Promise<RestoreOutcome>
}
