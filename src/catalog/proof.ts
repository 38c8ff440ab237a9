import type { Expectations } from './expectations.ts'
import type { Manifest } from './manifest.ts'
import type { Clock, Log } from './ports.ts'
import type { Stopwatch } from './stopwatch.ts'
import type { Finding, Rung, RungReport } from './verification.ts'

/** What has been fetched, checked and opened: all that a source needs to prove a backup. */
export interface ProofMaterial {
  readonly manifest: Manifest
  /** The plain archive. */
  readonly archive: PlainArchive
  /** Plain bytes of the fingerprint. */
  readonly contents: Uint8Array
  /** Plain bytes of the globals, where the backup has them. */
  readonly globals: Uint8Array | undefined
  /** Orphans that the verification before counted; undefined where there was none. */
  readonly orphansBefore: number | undefined
}

/** The dump's plain bytes: in a file, or, where the disk does not hold it, as a stream that can be begun again. */
export type PlainArchive =
  | {
      readonly kind: 'file'
      readonly path: string
      /** Removes the file: it is not needed any more. */ done(): Promise<void>
    }
  | { readonly kind: 'stream'; open(signal: AbortSignal): AsyncIterable<Uint8Array> }

export interface ProofContext {
  readonly log: Log
  readonly clock: Clock
  readonly watch: Stopwatch
  readonly signal: AbortSignal
  /** A file system in memory that has room for all that the proof makes; undefined: it belongs on the disk. */
  readonly memory: string | undefined
  /**
   * Runs one rung and remembers what came of it. A rung that proves the backup ends the climb when it fails; `damaged`
   * and `store-missing` that `work` throws are failures of it, everything else of the surroundings.
   */
  readonly climb: (rung: Rung, work: () => Promise<RungReport>) => Promise<RungReport>
}

export interface ProofExtras {
  readonly negativeControl: boolean
  readonly amcheck: boolean
}

export interface ProofTotals {
  readonly tables: number
  readonly rows: number | null
  readonly orphans: number | null
}

/** Where a backup of one kind of source can be restored and looked at. */
export interface Prover {
  readonly kind: Manifest['source']
  /** Gets ready what the restore needs while the backup is still being fetched. Throws where it cannot be had. */
  prepare(manifest: Manifest, context: Omit<ProofContext, 'climb'>): Promise<PreparedProver>
}

export interface PreparedProver extends AsyncDisposable {
  /** What the reader should know of where the proof takes place. */
  readonly notes: readonly string[]
  /** Climbs from `restored` upwards. */
  prove(material: ProofMaterial, context: ProofContext): Promise<ProofTotals>
}

/** Where an archive can be looked at that somebody else made, without a manifest. */
export interface ForeignProver {
  /** Throws where the place cannot be had. */
  prepareForeign(context: Omit<ProofContext, 'climb'>): Promise<PreparedForeignProver>
}

export interface PreparedForeignProver extends AsyncDisposable {
  readonly notes: readonly string[]
  /** Climbs from `restored` upwards, and calls NOT MEASURED what only a manifest could tell. */
  proveForeign(archive: PlainArchive, context: ProofContext): Promise<ProofTotals>
}

export interface ProofPlan {
  readonly expectations: Expectations | undefined
  readonly extras: ProofExtras
}

export type { Finding }
