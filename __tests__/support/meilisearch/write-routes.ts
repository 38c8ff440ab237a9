import { randomUUID } from 'node:crypto'
import {
  addDocuments,
  emptyIndex,
  parseDocuments,
  TaskFailure,
  type StoredDocument,
  type StoredIndex,
} from './database.ts'
import { writeServerDump } from './dump.ts'
import type { StoredKey } from './keys.ts'
import { matchingTasks, parseBody } from './read-routes.ts'
import { Refusal } from './refusal.ts'
import { checkSettings, mergeSettings, taskDetails, type Settings } from './settings.ts'
import type { ServerState } from './state.ts'
import type { StoredTask } from './tasks.ts'

const summary = ({ uid, indexUid, status, type, enqueuedAt }: StoredTask): object => ({
  taskUid: uid,
  indexUid,
  status,
  type,
  enqueuedAt,
})

const missing = (uid: string): TaskFailure =>
  new TaskFailure('index_not_found', `Index \`${uid}\` not found.`)

function existing({ indexes }: ServerState, uid: string): StoredIndex {
  const index = indexes.get(uid)
  if (!index) throw missing(uid)
  return index
}

/** Documents and settings make an index that is not there. */
function existingOrNew(state: ServerState, uid: string): StoredIndex {
  const index = state.indexes.get(uid) ?? emptyIndex(null, state.now())
  state.indexes.set(uid, index)
  return index
}

function checkUid(uid: unknown): string {
  if (typeof uid === 'string' && /^[A-Za-z0-9_-]{1,512}$/.test(uid)) return uid
  throw new Refusal(
    400,
    'invalid_index_uid',
    `Invalid value at \`.uid\`: \`${String(uid)}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
  )
}

export function createIndex(state: ServerState, body: string): object {
  const given = JSON.parse(body) as { uid?: string; primaryKey?: string }
  const uid = checkUid(given.uid)
  const primaryKey = given.primaryKey ?? null
  return summary(
    state.tasks.add({ type: 'indexCreation', indexUid: uid, details: { primaryKey } }, () => {
      if (state.indexes.has(uid))
        throw new TaskFailure('index_already_exists', `Index \`${uid}\` already exists.`)
      state.indexes.set(uid, emptyIndex(primaryKey, state.now()))
      return null
    }),
  )
}

export function updateIndex(state: ServerState, uid: string, body: string): object {
  const given = JSON.parse(body) as { uid?: string; primaryKey?: string }
  return summary(
    state.tasks.add({ type: 'indexUpdate', indexUid: uid }, () => {
      const index = existing(state, uid)
      if (given.primaryKey !== undefined) index.primaryKey = given.primaryKey
      if (given.uid !== undefined) {
        state.indexes.delete(uid)
        state.indexes.set(given.uid, index)
      }
      return { primaryKey: index.primaryKey, oldIndexUid: uid, newIndexUid: given.uid ?? null }
    }),
  )
}

export function deleteIndex(state: ServerState, uid: string): object {
  return summary(
    state.tasks.add({ type: 'indexDeletion', indexUid: uid, details: { deletedDocuments: 0 } }, () => {
      const { documents } = existing(state, uid)
      state.indexes.delete(uid)
      return { deletedDocuments: documents.size }
    }),
  )
}

export function patchSettings(state: ServerState, uid: string, body: string): object {
  const given = parseBody(body) as Settings
  checkSettings(given)
  return summary(
    state.tasks.add({ type: 'settingsUpdate', indexUid: uid, details: taskDetails(given) }, () => {
      const index = existingOrNew(state, uid)
      index.settings = mergeSettings(index.settings, given)
      index.updatedAt = state.now()
      return null
    }),
  )
}

export function postDocuments(
  state: ServerState,
  uid: string,
  request: { readonly body: string; readonly contentType: string; readonly primaryKey: string | null },
): object {
  const { body, contentType, primaryKey } = request
  if (!['application/json', 'application/x-ndjson', 'text/csv'].includes(contentType)) {
    throw new Refusal(
      415,
      'invalid_content_type',
      `The Content-Type \`${contentType}\` is invalid. Accepted values for the Content-Type header are: \`application/json\`, \`application/x-ndjson\`, \`text/csv\``,
    )
  }
  const ndjson = contentType === 'application/x-ndjson'
  if (!ndjson) parseBody(body)
  const documents: StoredDocument[] = parseDocuments(body, ndjson)
  const receivedDocuments = documents.length
  const details = { receivedDocuments, indexedDocuments: 0 }
  return summary(
    state.tasks.add({ type: 'documentAdditionOrUpdate', indexUid: uid, details }, () => {
      const index = existingOrNew(state, uid)
      if (primaryKey !== null && index.primaryKey === null) index.primaryKey = primaryKey
      addDocuments(index, documents)
      index.updatedAt = state.now()
      return { receivedDocuments, indexedDocuments: receivedDocuments }
    }),
  )
}

export function swapIndexes(state: ServerState, body: string): object {
  const given = JSON.parse(body) as { indexes: [string, string]; rename?: boolean }[]
  const wrong = given.find(({ indexes }) => (indexes as string[]).length !== 2)
  if (wrong) {
    const list = wrong.indexes.map((uid) => `"${uid}"`).join(', ')
    throw new Refusal(
      400,
      'invalid_swap_indexes',
      `Two indexes must be given for each swap. The list \`[${list}]\` contains ${wrong.indexes.length} indexes.`,
    )
  }
  const swaps = given.map(({ indexes, rename = false }) => ({ indexes, rename }))
  return summary(
    state.tasks.add({ type: 'indexSwap', indexUid: null, details: { swaps } }, () => {
      for (const { indexes, rename } of swaps) {
        const [from, to] = indexes
        for (const uid of rename ? [from] : indexes) existing(state, uid)
        if (rename && state.indexes.has(to))
          throw new TaskFailure('index_already_exists', `Index \`${to}\` already exists.`)
      }
      for (const {
        indexes: [a, b],
        rename,
      } of swaps) {
        const [first, second] = [existing(state, a), state.indexes.get(b)]
        state.indexes.set(b, first)
        if (rename || !second) state.indexes.delete(a)
        else state.indexes.set(a, second)
      }
      return null
    }),
  )
}

export function createDump(state: ServerState): object {
  return summary(
    state.tasks.add({ type: 'dumpCreation', indexUid: null, details: { dumpUid: null } }, async () => {
      const time = state.now()
      const dumpUid = time.replace(/[-:]/g, '').replace('T', '-').replace('.', '').replace('Z', '')
      const { version, indexes, keys, features } = state
      if (state.dumpFolder !== undefined) {
        const content = { version, time, indexes, keys, features }
        await writeServerDump(state.dumpFolder, dumpUid, content).catch(() => {
          throw new TaskFailure('internal', 'No such file or directory (os error 2)')
        })
      }
      return { dumpUid }
    }),
  )
}

export function createSnapshot(state: ServerState): object {
  return summary(state.tasks.add({ type: 'snapshotCreation', indexUid: null }, () => null))
}

export function createKey(state: ServerState, body: string): StoredKey {
  const given = JSON.parse(body) as Partial<StoredKey>
  const time = state.now()
  if (given.uid !== undefined && state.keys.some(({ uid }) => uid === given.uid)) {
    throw new Refusal(
      409,
      'api_key_already_exists',
      `\`uid\` field value \`${given.uid}\` is already an existing API key.`,
    )
  }
  if (given.expiresAt && Date.parse(given.expiresAt) < Date.now()) {
    throw new Refusal(
      400,
      'invalid_api_key_expires_at',
      `Invalid value at \`.expiresAt\`: \`${given.expiresAt}\` is not a valid date. It should be in the future.`,
    )
  }
  const key: StoredKey = {
    uid: given.uid ?? randomUUID(),
    name: given.name ?? null,
    description: given.description ?? null,
    actions: given.actions ?? [],
    indexes: given.indexes ?? [],
    expiresAt: given.expiresAt ?? null,
    createdAt: time,
    updatedAt: time,
  }
  state.keys.unshift(key)
  return key
}

export function cancelTasks(state: ServerState, query: URLSearchParams): object {
  if (query.size === 0) {
    throw new Refusal(
      400,
      'missing_task_filters',
      'Query parameters to filter the tasks to cancel are missing. Available query parameters are: `uids`, `indexUids`, `statuses`, `types`, `canceledBy`, `beforeEnqueuedAt`, `afterEnqueuedAt`, `beforeStartedAt`, `afterStartedAt`, `beforeFinishedAt`, `afterFinishedAt`.',
    )
  }
  const uids = matchingTasks(state.tasks.all, query).map(({ uid }) => uid)
  const type = 'taskCancelation'
  const task = state.tasks.add({ type, indexUid: null }, () => ({ matchedTasks: uids.length }))
  state.tasks.cancel(uids, task.uid)
  return summary(task)
}

export function deleteTasks(state: ServerState, query: URLSearchParams): object {
  const matchedTasks = matchingTasks(state.tasks.all, query).length
  const details = { matchedTasks, deletedTasks: matchedTasks, originalFilter: `?${query.toString()}` }
  return summary(state.tasks.add({ type: 'taskDeletion', indexUid: null }, () => details))
}
