import type { Head, Stage } from '../pipeline/stage.ts'
import type { Artifact, ArtifactRole, Manifest, SourceFacts } from './manifest.ts'
import type { Clock, Log } from './ports.ts'

/**
 * Something that can be backed up. A command knows sources only through this, and a source knows neither store
 * nor keys: it is given a writer that compresses, encrypts, stores and hashes what it pours in.
 */
export interface Source {
  readonly kind: Manifest['source']
  /** What the backup is called in the catalog; not encoded. */
  readonly name: string
  /**
   * Takes a snapshot and writes everything that is in it. Either every artifact is written and every process
   * has exited with 0, or it throws; `context.signal` stops it.
   */
  capture(context: CaptureContext): Promise<Captured>
}

export interface CaptureContext {
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /**
   * Fixes the backup's id from the snapshot's time, and gives what writes its artifacts. Called again where a source starts
   * over with a new snapshot: what was written before belongs to an attempt, and does not count.
   */
  begin(snapshotTime: Date): ArtifactWriter
}

export interface Captured {
  readonly facts: SourceFacts
  /** For the summary of this run only: names do not belong in a manifest. */
  readonly largest: readonly { readonly name: string; readonly rows: number | null; readonly bytes: number }[]
  /** Who waited for the backup's locks, and how long, one sentence each. */
  readonly waits?: readonly string[]
}

/** Resolves once the store has acknowledged every byte; aborting `signal` gives the artifact up. */
export type ArtifactWriter = (content: ArtifactContent, signal: AbortSignal) => Promise<Artifact>

export interface ArtifactContent {
  readonly role: ArtifactRole
  /** Starts the plain bytes; called again where the upload has to begin anew. */
  readonly open: () => Head
  /** What makes the plain bytes of what `open` gives. */
  readonly encode?: readonly Stage[]
  /** What the source itself counts for this content, in bytes; what comes out of it can be several times more. */
  readonly sourceBytes: number
}
