import type { PendingUpload, UploadJournal } from '../../src/storage/object-store.ts'

/** Remembers what a process that is killed now would leave behind. */
export class RecordingJournal implements UploadJournal {
  readonly everOpened: PendingUpload[] = []
  readonly #open = new Map<string, PendingUpload>()

  /** Opened and not closed. */
  get left(): readonly PendingUpload[] {
    return [...this.#open.values()]
  }

  opened(upload: PendingUpload): void {
    this.everOpened.push(upload)
    this.#open.set(upload.uploadId, upload)
  }

  closed(upload: PendingUpload): void {
    this.#open.delete(upload.uploadId)
  }
}
