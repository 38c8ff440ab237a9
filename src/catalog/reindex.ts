import type { Clock, Log } from './ports.ts'

/** One index of search, as a file declares it: what is in it comes from one query of the database. */
export interface IndexDeclaration {
  readonly uid: string
  /** Column whose value identifies a document. */
  readonly primaryKey: string
  /** One query, without a semicolon behind it. */
  readonly sql: string
  readonly settings: SettingsOrigin
  /** The longest that the database may take for its next rows, in milliseconds. */
  readonly timeoutMs: number
  /** The query may give nothing though the live index has documents. */
  readonly mayBeEmpty: boolean
  /** In the file, from 1. */
  readonly line: number
}

/** Where an index's settings are from. */
export type SettingsOrigin =
  | { readonly kind: 'inline'; readonly settings: IndexSettings }
  /** A path as it was written. */
  | { readonly kind: 'file'; readonly path: string }
  /** Those of an index in the newest backup of the search server. */
  | { readonly kind: 'backup'; readonly uid: string }

/** Settings as the search server takes them. */
export type IndexSettings = Readonly<Record<string, unknown>>

/** What an index is made of, with its settings at hand. */
export interface IndexPlan extends IndexDeclaration {
  readonly indexSettings: IndexSettings
  /** Embedders whose keys a backup does not hold. */
  readonly hiddenKeys: readonly string[]
  /** Experimental features of the search server without which it refuses these settings. */
  readonly features: readonly string[]
}

/** What a backup holds of an index's settings. */
export interface StoredSettings {
  readonly settings: IndexSettings
  /** Embedders whose keys are not in it. */
  readonly hiddenKeys: readonly string[]
  /** Experimental features that were on, and that these settings need. */
  readonly features: readonly string[]
}

/**
 * Finds the settings of all indexes in a dump of the search server, by uid. Reads it to its end: before that nothing of
 * it is known to be genuine. `contents` is what was recorded of it. Throws `damaged`.
 */
export type SettingsReader = (
  dump: AsyncIterable<Uint8Array>,
  contents: Uint8Array | undefined,
) => Promise<ReadonlyMap<string, StoredSettings>>

/** One row as JSON. */
export interface SearchDocument {
  /** Of the primary key, as JSON: `17`, `"a-17"`. */
  readonly key: string
  /** A JSON object on one line. */
  readonly text: string
}

/** A database that documents are read from. */
export interface DocumentSource {
  /**
   * Tries every query, then holds one moment of the database for all of them. Throws `input` with everything that is
   * wrong with the queries, `connection`, `privilege`, or `snapshot`.
   */
  open(declarations: readonly IndexDeclaration[], context: ReindexContext): Promise<DocumentSnapshot>
}

/** One moment of the database, as long as it is not disposed of. */
export interface DocumentSnapshot extends AsyncDisposable {
  /** For people, without a password. */
  readonly description: string
  /** By the database's clock. */
  readonly time: Date
  /** Aborts where the moment is lost, with the reason. */
  readonly signal: AbortSignal
  /** Worth knowing, in sentences. */
  readonly notes: readonly string[]
  /** The rows of one query, a handful at a time; nothing is read ahead of whoever takes them. */
  documents(declaration: IndexDeclaration): AsyncIterable<readonly SearchDocument[]>
  /** Keys that more than one row has, with how many; at most a few. */
  duplicates(declaration: IndexDeclaration): Promise<readonly { key: string; rows: number }[]>
}

/** A search server that indexes are built on. */
export interface SearchServer {
  /** For people. */
  readonly description: string
  /** Looks whether all can be done, before anything is. Throws `connection`, `privilege` or `input`. */
  prepare(plans: readonly IndexPlan[], context: ReindexContext): Promise<SearchBuild>
}

/** New indexes beside the live ones. What is not swapped in is removed when this is disposed of. */
export interface SearchBuild extends AsyncDisposable {
  /** Fills a new index: settings first, then documents. Throws where one of them is refused. */
  fill(
    plan: IndexPlan,
    documents: AsyncIterable<readonly SearchDocument[]>,
    context: FillContext,
  ): Promise<FilledIndex>
  /** Puts all that were filled in the place of the live ones, in one step, and removes the old ones. */
  swap(): Promise<void>
}

export interface FilledIndex {
  readonly uid: string
  readonly sent: number
  /** What the server counts. */
  readonly indexed: number
  /** Of the documents as sent. */
  readonly bytes: number
  /** Documents in the live index; undefined where there is none. */
  readonly live: number | undefined
}

export interface ReindexContext {
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface FillContext extends ReindexContext {
  /** Tells how far an index is. */
  readonly progress: (uid: string) => IndexProgress
}

export interface IndexProgress {
  /** Documents so far, and percent of what the search server is at. */
  update(state: {
    readonly sent?: number
    readonly indexed?: number
    readonly percent?: number | undefined
  }): void
  end(): void
}
