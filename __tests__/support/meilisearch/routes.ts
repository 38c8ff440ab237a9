import { statsOf } from './database.ts'
import {
  batchView,
  fetchDocuments,
  findTask,
  getDocuments,
  globalStats,
  indexView,
  keyView,
  listBatches,
  listIndexes,
  listKeys,
  listTasks,
  requireIndex,
  search,
  settingsOf,
} from './read-routes.ts'
import { Refusal } from './refusal.ts'
import type { ServerState } from './state.ts'
import { createWebhook, listWebhooks } from './webhooks.ts'
import {
  cancelTasks,
  createDump,
  createIndex,
  createKey,
  createSnapshot,
  deleteIndex,
  deleteTasks,
  patchSettings,
  postDocuments,
  swapIndexes,
  updateIndex,
} from './write-routes.ts'

export interface Received {
  readonly query: URLSearchParams
  readonly body: string
  readonly contentType: string
  /** The index that the path names. */
  readonly index: string
  /** What else the path names. */
  readonly id: string
}

export interface Route {
  readonly match: RegExp
  /** Undefined: needs no key. */
  readonly action: string | undefined
  readonly status: number
  answer(state: ServerState, received: Received, master: string | undefined): unknown
}

const route = (
  pattern: string,
  action: string | undefined,
  status: number,
  answer: Route['answer'],
): Route => ({
  match: new RegExp(`^${pattern.replace('{index}', '(?<index>[^/]+)').replace('{id}', '(?<id>[^/]+)')}$`),
  action,
  status,
  answer,
})

const featureOff = (what: string, feature: string, discussion: number): Refusal =>
  new Refusal(
    400,
    'feature_not_enabled',
    `${what} requires enabling the \`${feature}\` experimental feature. See https://github.com/orgs/meilisearch/discussions/${discussion}`,
  )

/** Against `GET /indexes/products`, without the query. */
export const ROUTES: readonly Route[] = [
  route('GET /health', undefined, 200, () => ({ status: 'available' })),
  route('GET /version', 'version', 200, ({ version }) => ({
    commitSha: '2ecfd54ca7f3dd1c76d304efce86c9b8af9f82aa',
    commitDate: '2026-07-16T14:59:12.000000000Z',
    pkgVersion: version,
  })),
  route('GET /stats', 'stats.get', 200, (state) => globalStats(state)),
  route('GET /indexes', 'indexes.get', 200, (state, { query }) => listIndexes(state, query)),
  route('POST /indexes', 'indexes.create', 202, (state, { body }) => createIndex(state, body)),
  route('GET /indexes/{index}', 'indexes.get', 200, (state, { index }) =>
    indexView(index, requireIndex(state, index)),
  ),
  route('PATCH /indexes/{index}', 'indexes.update', 202, (state, { index, body }) =>
    updateIndex(state, index, body),
  ),
  route('DELETE /indexes/{index}', 'indexes.delete', 202, (state, { index }) => deleteIndex(state, index)),
  route('GET /indexes/{index}/stats', 'stats.get', 200, (state, { index }) =>
    statsOf(requireIndex(state, index)),
  ),
  route('GET /indexes/{index}/settings', 'settings.get', 200, (state, { index }) =>
    settingsOf(requireIndex(state, index)),
  ),
  route('PATCH /indexes/{index}/settings', 'settings.update', 202, (state, { index, body }) =>
    patchSettings(state, index, body),
  ),
  route('GET /indexes/{index}/documents', 'documents.get', 200, (state, { index, query }) =>
    getDocuments(requireIndex(state, index), query),
  ),
  route('POST /indexes/{index}/documents/fetch', 'documents.get', 200, (state, { index, body }) =>
    fetchDocuments(requireIndex(state, index), body),
  ),
  route(
    'POST /indexes/{index}/documents',
    'documents.add',
    202,
    (state, { index, body, contentType, query }) =>
      postDocuments(state, index, { body, contentType, primaryKey: query.get('primaryKey') }),
  ),
  route('POST /indexes/{index}/search', 'search', 200, (state, { index, body }) =>
    search(requireIndex(state, index), body),
  ),
  route('POST /swap-indexes', 'indexes.swap', 202, (state, { body }) => swapIndexes(state, body)),
  route('GET /tasks', 'tasks.get', 200, (state, { query }) => listTasks(state, query)),
  route('GET /tasks/{id}', 'tasks.get', 200, (state, { id }) => findTask(state, id)),
  route('POST /tasks/cancel', 'tasks.cancel', 200, (state, { query }) => cancelTasks(state, query)),
  route('DELETE /tasks', 'tasks.delete', 200, (state, { query }) => deleteTasks(state, query)),
  route('GET /batches', 'tasks.get', 200, (state, { query }) => listBatches(state, query)),
  route('GET /batches/{id}', 'tasks.get', 200, (state, { id }) => batchView(findTask(state, id))),
  route('POST /dumps', 'dumps.create', 202, (state) => createDump(state)),
  route('POST /snapshots', 'snapshots.create', 202, (state) => createSnapshot(state)),
  route('GET /keys', 'keys.get', 200, (state, { query }, master) => listKeys(state, master, query)),
  route('POST /keys', 'keys.create', 201, (state, { body }, master) =>
    keyView(createKey(state, body), master),
  ),
  route('DELETE /keys/{id}', 'keys.delete', 204, ({ keys }, { id }) => {
    const at = keys.findIndex(({ uid }) => uid === id)
    if (at < 0) throw new Refusal(404, 'api_key_not_found', `API key \`${id}\` not found.`)
    keys.splice(at, 1)
    return ''
  }),
  route('GET /experimental-features', 'experimental.get', 200, ({ features }) => features),
  route('PATCH /experimental-features', 'experimental.update', 200, ({ features }, { body }) =>
    Object.assign(features, JSON.parse(body)),
  ),
  route('GET /webhooks', 'webhooks.get', 200, listWebhooks),
  route('POST /webhooks', 'webhooks.create', 201, (state, { body }) => createWebhook(state, body)),
  route('DELETE /webhooks/{id}', 'webhooks.delete', 204, ({ webhooks }, { id }) => {
    webhooks.delete(id)
    return ''
  }),
  route('GET /network', 'network.get', 200, ({ features }) => {
    if (features['network'] === true) return { self: null, remotes: {} }
    throw featureOff('Using the /network route', 'network', 805)
  }),
  route('GET /chats', 'chats.get', 200, ({ features }) => {
    if (features['chatCompletions'] === true) return { results: [], offset: 0, limit: 20, total: 0 }
    throw featureOff('listing the chats', 'chat completions', 835)
  }),
]
