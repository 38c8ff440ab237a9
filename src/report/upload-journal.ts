import type { Reporter } from './reporter.ts'

/** Under which name the uploads of a store are remembered: those of the second store are to be aborted there. */
export type JournalState = 'uploads' | 'replica-uploads'

/** An upload as it is remembered: what a store needs to abort it, and nothing secret. */
export interface RememberedUpload {
  readonly key: string
  readonly uploadId: string
  readonly initiated: Date
}

/** Remembers open uploads in the step's state, where the post step finds them even after SIGKILL. */
export function uploadJournal(
  reporter: Pick<Reporter, 'saveState'>,
  state: JournalState = 'uploads',
): {
  opened(upload: RememberedUpload): void
  closed(upload: RememberedUpload): void
} {
  const open = new Map<string, RememberedUpload>()
  const save = (): void => reporter.saveState(state, JSON.stringify([...open.values()]))
  return {
    opened: (upload) => {
      open.set(upload.uploadId, upload)
      save()
    },
    closed: (upload) => {
      open.delete(upload.uploadId)
      save()
    },
  }
}

/** What the main step left open. */
export function rememberedUploads(
  reporter: Pick<Reporter, 'state'>,
  state: JournalState = 'uploads',
): RememberedUpload[] {
  const saved = JSON.parse(reporter.state(state) || '[]') as {
    key: string
    uploadId: string
    initiated: string
  }[]
  return saved.map((upload) => ({ ...upload, initiated: new Date(upload.initiated) }))
}
