import type { StoredIndex } from './database.ts'
import { defaultKeys, type StoredKey } from './keys.ts'
import { taskQueue, type TaskQueue } from './tasks.ts'
import type { StoredWebhook } from './webhooks.ts'

/** Everything that the stand-in knows, for tests to look at and to change. */
export interface ServerState {
  readonly version: string
  readonly indexes: Map<string, StoredIndex>
  readonly keys: StoredKey[]
  readonly features: Record<string, boolean>
  /** By uuid. */
  readonly webhooks: Map<string, StoredWebhook>
  readonly tasks: TaskQueue
  readonly now: () => string
  /** Bytes of the largest body that is taken. */
  payloadLimit: number
  /** How long a task takes; infinite: none ever ends. */
  taskMs: number
  /** Where dumps go; undefined: written nowhere, though the task succeeds. */
  dumpFolder: string | undefined
}

export function serverState(): ServerState {
  // Times that differ, as those of a real server do.
  let last = 0
  const now = (): string => {
    last = Math.max(Date.now(), last + 1)
    return new Date(last).toISOString()
  }
  const state: ServerState = {
    version: '1.50.0',
    indexes: new Map(),
    keys: defaultKeys(now),
    features: {
      metrics: false,
      logsRoute: false,
      editDocumentsByFunction: false,
      containsFilter: false,
      dynamicSearchRules: false,
      network: false,
      getTaskDocumentsRoute: false,
      taskQueueCompactionRoute: false,
      compositeEmbedders: false,
      chatCompletions: false,
      multimodal: false,
      foreignKeys: false,
      disableDocumentsFetchQueue: false,
      legacySearch: false,
      renderRoute: false,
    },
    webhooks: new Map(),
    tasks: taskQueue(now, () => state.taskMs),
    now,
    payloadLimit: 100_000_000,
    taskMs: 0,
    dumpFolder: undefined,
  }
  return state
}
