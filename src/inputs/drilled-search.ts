/** What of search is practised: its backups where there are any, and what is rebuilt from the restored database. */
export interface DrilledSearch {
  /** Where its backups are. */
  readonly prefix: string
  /** An empty server; absent: only what can be proved of a backup without one. */
  readonly target?: {
    /** Without a `/` behind it. */
    readonly host: string
    readonly apiKey?: string
  }
  /** The server that is backed up, where it is known. */
  readonly liveHost?: string
  /** The longest that it may take to bring search back, in milliseconds. */
  readonly rtoMs: number
  /** What is rebuilt from the restored database; absent: nothing. */
  readonly rebuilt?: {
    /** Path of the file that declares the indexes, as it was given. */
    readonly declarations: string
    /** `products.default` to the key of that embedder. */
    readonly embedderKeys: ReadonlyMap<string, string>
  }
}
