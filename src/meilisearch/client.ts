import { z } from 'zod'
import { isMissingIndex } from './failure.ts'
import { meilisearchHttp, type ApiRequest, type HttpOptions } from './http.ts'
import { parseAnswer } from './parse-answer.ts'
import { taskListSchema, taskSchema, type Task, type TaskList } from './task-answer.ts'

/** What Meilisearch's HTTP API is asked for here. What holds documents or settings stays text: see `json-text.ts`. */
export interface MeilisearchClient {
  readonly host: string
  readonly signal: AbortSignal
  /** The same server for tidying up after the signal was aborted: a few seconds, no repetitions. */
  afterAbort(): MeilisearchClient
  /** The same server, until that signal. */
  with(signal: AbortSignal): MeilisearchClient
  version(): Promise<string>
  /** All of them, in the server's order. */
  indexes(): Promise<readonly IndexInfo[]>
  /** Undefined where there is none of that name. */
  index(uid: string): Promise<IndexInfo | undefined>
  stats(uid: string): Promise<IndexStats>
  /** JSON as the server wrote it; keys of embedders are redacted in it. */
  settings(uid: string): Promise<Buffer>
  /** The body of a page of documents with their vectors, as the server wrote it. */
  documentsPage(uid: string, page: PageRequest): Promise<Buffer>
  search(uid: string, query: Readonly<Record<string, unknown>>): Promise<SearchAnswer>

  // What follows gives the uid of a task: accepted is not done. `followTask` waits for it.
  createIndex(uid: string, primaryKey: string | null): Promise<number>
  deleteIndex(uid: string): Promise<number>
  updateSettings(uid: string, json: string | Uint8Array): Promise<number>
  /** One JSON object a line. */
  addDocuments(uid: string, ndjson: Uint8Array): Promise<number>
  /**
   * All pairs at once, or none. Both of a pair have to exist; of `renames`, as `[from, to]`, only the first. Never sent
   * twice: that would swap back.
   */
  swapIndexes(
    pairs: readonly (readonly [string, string])[],
    renames?: readonly (readonly [string, string])[],
  ): Promise<number>
  createDump(): Promise<number>

  task(uid: number): Promise<Task>
  /** Newest first; `query` as the API names it: `indexUids=products&limit=1`. */
  tasks(query: string): Promise<TaskList>
  /** Percentage of the batch that a task is in; undefined where the server does not say. */
  batchProgress(uid: number): Promise<number | undefined>
  cancelTasks(uids: readonly number[]): Promise<void>

  keys(): Promise<readonly ApiKey[]>
  createKey(key: NewKey): Promise<void>
  /** Anything else that is read, as the server wrote it. */
  read(path: string, right: string): Promise<Buffer>
  patch(path: string, json: string, right: string): Promise<void>
  /** Anything else. */
  send(request: ApiRequest): Promise<Buffer>
}

export interface PageRequest {
  readonly offset: number
  readonly limit: number
  /** A longer page is refused as `AnswerTooLarge`. */
  readonly mostBytes?: number
}

const indexInfo = z.object({
  uid: z.string(),
  primaryKey: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type IndexInfo = Readonly<z.infer<typeof indexInfo>>

const indexStats = z.object({
  numberOfDocuments: z.number(),
  isIndexing: z.boolean(),
  avgDocumentSize: z.number().optional(),
})
export type IndexStats = Readonly<z.infer<typeof indexStats>>

const apiKey = z.object({
  uid: z.string(),
  key: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  actions: z.array(z.string()),
  indexes: z.array(z.string()),
  expiresAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})
export type ApiKey = Readonly<z.infer<typeof apiKey>>
export type NewKey = Pick<ApiKey, 'uid' | 'name' | 'description' | 'actions' | 'indexes' | 'expiresAt'>

const searchAnswer = z.object({
  hits: z.array(z.record(z.string(), z.unknown())),
  estimatedTotalHits: z.number().optional(),
})
export type SearchAnswer = Readonly<z.infer<typeof searchAnswer>>

const enqueued = z.object({ taskUid: z.number() })
const PAGE = 100
/** A cancelled run is killed after 7 s. */
const TIDY_MS = 3_000

export function meilisearchClient(options: HttpOptions): MeilisearchClient {
  const send = meilisearchHttp(options)
  const { host, signal } = options
  const parsed = async <T>(request: ApiRequest, schema: z.ZodType<T>): Promise<T> =>
    parseAnswer({ ...request, host }, await send(request), schema)
  const get = <T>(path: string, right: string, schema: z.ZodType<T>): Promise<T> =>
    parsed({ method: 'GET', path, right, attempt: 'repeat' }, schema)
  const enqueue = async (request: ApiRequest): Promise<number> => (await parsed(request, enqueued)).taskUid
  const of = (uid: string): string => `/indexes/${encodeURIComponent(uid)}`

  async function pages<T>(path: string, right: string, item: z.ZodType<T>): Promise<T[]> {
    const found: T[] = []
    const schema = z.object({ results: z.array(item), total: z.number() })
    for (;;) {
      const page = await get(`${path}?limit=${PAGE}&offset=${found.length}`, right, schema)
      found.push(...page.results)
      if (page.results.length === 0 || found.length >= page.total) return found
    }
  }

  return {
    host,
    signal,
    afterAbort: () =>
      meilisearchClient({ ...options, retries: 0, timeoutMs: TIDY_MS, signal: new AbortController().signal }),
    with: (other) => meilisearchClient({ ...options, signal: other }),
    version: async () => (await get('/version', 'version', z.object({ pkgVersion: z.string() }))).pkgVersion,
    indexes: () => pages('/indexes', 'indexes.get', indexInfo),
    index: async (uid) => {
      try {
        return await get(of(uid), 'indexes.get', indexInfo)
      } catch (error) {
        if (isMissingIndex(error)) return undefined
        throw error
      }
    },
    stats: (uid) => get(`${of(uid)}/stats`, 'stats.get', indexStats),
    settings: (uid) =>
      send({ method: 'GET', path: `${of(uid)}/settings`, right: 'settings.get', attempt: 'repeat' }),
    documentsPage: (uid, { offset, limit, mostBytes }) =>
      send({
        ...(mostBytes === undefined ? {} : { mostBytes }),
        method: 'GET',
        path: `${of(uid)}/documents?offset=${offset}&limit=${limit}&retrieveVectors=true`,
        right: 'documents.get',
        attempt: 'repeat',
      }),
    search: (uid, query) =>
      parsed(
        {
          method: 'POST',
          path: `${of(uid)}/search`,
          body: JSON.stringify(query),
          right: 'search',
          attempt: 'repeat',
        },
        searchAnswer,
      ),

    createIndex: (uid, primaryKey) =>
      enqueue({
        method: 'POST',
        path: '/indexes',
        body: JSON.stringify({ uid, ...(primaryKey === null ? {} : { primaryKey }) }),
        right: 'indexes.create',
        attempt: 'once',
      }),
    deleteIndex: (uid) =>
      enqueue({ method: 'DELETE', path: of(uid), right: 'indexes.delete', attempt: 'once' }),
    updateSettings: (uid, json) =>
      enqueue({
        method: 'PATCH',
        path: `${of(uid)}/settings`,
        body: json,
        right: 'settings.update',
        attempt: 'repeat',
      }),
    addDocuments: (uid, ndjson) =>
      enqueue({
        method: 'POST',
        path: `${of(uid)}/documents`,
        body: ndjson,
        contentType: 'application/x-ndjson',
        right: 'documents.add',
        attempt: 'repeat',
      }),
    swapIndexes: (pairs, renames = []) =>
      enqueue({
        method: 'POST',
        path: '/swap-indexes',
        body: JSON.stringify([
          ...pairs.map((indexes) => ({ indexes })),
          ...renames.map((indexes) => ({ indexes, rename: true })),
        ]),
        right: 'indexes.swap',
        attempt: 'once',
      }),
    createDump: () => enqueue({ method: 'POST', path: '/dumps', right: 'dumps.create', attempt: 'once' }),

    task: (uid) => get(`/tasks/${uid}`, 'tasks.get', taskSchema),
    tasks: (query) => get(`/tasks?${query}`, 'tasks.get', taskListSchema),
    batchProgress: async (uid) => {
      const schema = z.object({ progress: z.object({ percentage: z.number() }).nullish() })
      return (await get(`/batches/${uid}`, 'tasks.get', schema)).progress?.percentage
    },
    cancelTasks: async (uids) => {
      await enqueue({
        method: 'POST',
        path: `/tasks/cancel?uids=${uids.join(',')}`,
        right: 'tasks.cancel',
        attempt: 'repeat',
      })
    },

    keys: () => pages('/keys', 'keys.get', apiKey),
    createKey: async (key) => {
      await send({
        method: 'POST',
        path: '/keys',
        body: JSON.stringify(key),
        right: 'keys.create',
        attempt: 'once',
      })
    },
    read: (path, right) => send({ method: 'GET', path, right, attempt: 'repeat' }),
    send,
    patch: async (path, json, right) => {
      await send({ method: 'PATCH', path, body: json, right, attempt: 'repeat' })
    },
  }
}
