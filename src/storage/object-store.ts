/**
 * What Lifeboat needs of a place that keeps objects, and no more. One contract suite
 * (`__tests__/contract/object-store.ts`) holds for every implementation.
 *
 * Keys are complete, prefix included. Errors are `LifeboatError`s of the codes `store`, `store-access`,
 * `store-conflict`, `store-missing` and `cancelled`; whatever is worth retrying has been retried.
 */
export interface ObjectStore {
  /** For people, without secrets: `R2 bucket shop-backups`, `directory /srv/backups`. */
  readonly description: string
  /**
   * Writes one object of unknown length, or nothing: after a failure neither object nor parts are left. Never
   * overwrites: `store-conflict` when an object that is not this write's stands at `key`. An object without
   * bytes is refused: no artifact is empty.
   *
   * `open` starts the body; it is called again, at most once, where the object outgrows what `expectedBytes`
   * promised (see `part-size.ts`).
   */
  write(key: string, open: () => AsyncIterable<Uint8Array>, options: WriteOptions): Promise<StoredObject>
  /** The object's size and time, or undefined when the store itself says that there is none. */
  head(key: string): Promise<StoredObject | undefined>
  /**
   * The object's bytes, whole or a range (`end` is exclusive). `store-missing` when there is none. `fresh`: over
   * connections that nothing else has used, for a second reading.
   */
  read(
    key: string,
    range?: { readonly start: number; readonly end: number },
    how?: { readonly fresh?: boolean },
  ): AsyncIterable<Uint8Array>
  /** Every object whose key begins with `prefix`, in the order of keys (bytes), as pages arrive. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Writes of large objects that have begun and neither ended nor been aborted. */
  uploads(prefix: string): AsyncIterable<PendingUpload>
  /** Removes what a write left behind. One that is gone already is no error. */
  abortUpload(upload: PendingUpload): Promise<void>
  /** Gives up connections. Nothing may be called after it. */
  close(): void
}

export interface WriteOptions {
  /** An honest upper estimate of the object's size in bytes, from which the part size follows. */
  readonly expectedBytes: number
  readonly signal: AbortSignal
  /** Bytes that the store has acknowledged so far. */
  readonly onProgress?: (bytes: number) => void
}

export interface StoredObject {
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
}

export interface PendingUpload {
  readonly key: string
  /** What the store calls this upload; no secret. */
  readonly uploadId: string
  /** Begin of the upload. */
  readonly initiated: Date
}

/**
 * Told of every upload that a killed process would leave behind, so that whoever comes after (the action's post
 * step) can abort it.
 */
export interface UploadJournal {
  opened(upload: PendingUpload): void
  closed(upload: PendingUpload): void
}
