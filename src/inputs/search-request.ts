/** A Meilisearch server. */
export interface SearchServer {
  /** Without a `/` behind it. */
  readonly host: string
  readonly apiKey?: string
}

/** The one that is backed up. */
export interface LiveSearchServer {
  readonly server: SearchServer
  /** Where the server writes dumps, as this machine sees it: absolute; absent: the dump is built from the API. */
  readonly dumpDirectory?: string
}
