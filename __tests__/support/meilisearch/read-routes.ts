import { randomUUID } from 'node:crypto'
import { statsOf, withVectors, type StoredDocument, type StoredIndex } from './database.ts'
import { exactNumber, parseExact } from './exact-json.ts'
import { keyString } from './keys.ts'
import { indexNotFound, Refusal } from './refusal.ts'
import { hideKeys } from './settings.ts'
import type { ServerState } from './state.ts'
import type { StoredTask } from './tasks.ts'

export function requireIndex({ indexes }: ServerState, uid: string): StoredIndex {
  const index = indexes.get(uid)
  if (!index) throw indexNotFound(uid)
  return index
}

export function indexView(uid: string, { createdAt, updatedAt, primaryKey }: StoredIndex): object {
  return { uid, createdAt, updatedAt, primaryKey }
}

export function sortedIndexes({ indexes }: ServerState): [string, StoredIndex][] {
  return [...indexes].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

export function listIndexes(state: ServerState, query: URLSearchParams): object {
  return page(
    sortedIndexes(state).map(([uid, index]) => indexView(uid, index)),
    query,
  )
}

export function listKeys({ keys }: ServerState, master: string | undefined, query: URLSearchParams): object {
  if (master === undefined) {
    throw new Refusal(
      401,
      'missing_master_key',
      'Meilisearch is running without a master key. To access this API endpoint, you must have set a master key at launch.',
      'auth',
    )
  }
  return page(
    keys.map((key) => keyView(key, master)),
    query,
  )
}

export function keyView(key: ServerState['keys'][number], master: string | undefined): object {
  const { uid, name, description, ...others } = key
  return { name, description, key: keyString(master ?? '', uid), uid, ...others }
}

export function globalStats(state: ServerState): object {
  const all = sortedIndexes(state)
  return {
    databaseSize: 94208,
    usedDatabaseSize: 20480,
    lastUpdate:
      all
        .map(([, { updatedAt }]) => updatedAt)
        .toSorted()
        .at(-1) ?? null,
    indexes: Object.fromEntries(all.map(([uid, index]) => [uid, statsOf(index)])),
  }
}

export function settingsOf(index: StoredIndex): object {
  return hideKeys(index.settings)
}

/** `GET …/documents`. */
export function getDocuments(index: StoredIndex, query: URLSearchParams): object {
  const options = { vectors: query.get('retrieveVectors') === 'true', fields: undefined }
  return documentsPage(index, [...index.documents.values()], {
    offset: positive(query, 'offset', 0),
    limit: positive(query, 'limit', 20),
    ...options,
  })
}

/** `POST …/documents/fetch`, with as much of sort and filter as the recordings use. */
export function fetchDocuments(index: StoredIndex, body: string): object {
  const { offset, limit, retrieveVectors, fields, sort, filter } = JSON.parse(body) as {
    offset?: number
    limit?: number
    retrieveVectors?: boolean
    fields?: string[]
    sort?: string[]
    filter?: string
  }
  let found = [...index.documents.values()]
  const [, field, amount] = /^(\w+) > (\d+)$/.exec(filter ?? '') ?? []
  if (field !== undefined) {
    found = found.filter(
      ({ document }) => (exactNumber(document[field]) ?? Number.NEGATIVE_INFINITY) > Number(amount),
    )
  }
  const [, by] = /^(\w+):desc$/.exec(sort?.[0] ?? '') ?? []
  if (by !== undefined) {
    found = found.toSorted((a, b) => (exactNumber(b.document[by]) ?? 0) - (exactNumber(a.document[by]) ?? 0))
  }
  return documentsPage(index, found, {
    offset: offset ?? 0,
    limit: limit ?? 20,
    vectors: retrieveVectors === true,
    fields,
  })
}

type Stored = StoredIndex['documents'] extends Map<string, infer Item> ? Item : never

function documentsPage(
  _index: StoredIndex,
  found: readonly Stored[],
  options: { offset: number; limit: number; vectors: boolean; fields: readonly string[] | undefined },
): object {
  const { offset, limit, vectors, fields } = options
  const results = found.slice(offset, offset + limit).map((each): StoredDocument => {
    // Even where there is no embedder; dumps leave it out then.
    const document = vectors ? { ...each.document, _vectors: {}, ...withVectors(each) } : each.document
    if (fields === undefined) return document
    // The server takes "*" for the name of a field here; vectors come in any case.
    return Object.fromEntries(
      Object.entries(document).filter(([key]) => key === '_vectors' || fields.includes(key)),
    )
  })
  return { results, offset, limit, total: found.length }
}

/** Words, or a phrase in quotes, anywhere in the searchable attributes. */
export function search(index: StoredIndex, body: string): object {
  const {
    q = '',
    limit = 20,
    attributesToRetrieve,
  } = JSON.parse(body) as {
    q?: string
    limit?: number
    attributesToRetrieve?: string[]
  }
  const searchable = index.settings['searchableAttributes'] as string[]
  const wanted = wordsOf(q)
  const hits = [...index.documents.values()].filter(({ document }) => {
    const text = Object.entries(document)
      .filter(([key]) => searchable.includes('*') || searchable.includes(key))
      .map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value)))
      .join(' ')
    return wanted.every((word) => wordsOf(text).some((each) => each.startsWith(word)))
  })
  const shown = hits
    .slice(0, limit)
    .map(({ document }) =>
      attributesToRetrieve && !attributesToRetrieve.includes('*')
        ? Object.fromEntries(Object.entries(document).filter(([key]) => attributesToRetrieve.includes(key)))
        : document,
    )
  return {
    hits: shown,
    query: q,
    processingTimeMs: 0,
    limit,
    offset: 0,
    estimatedTotalHits: hits.length,
    requestUid: randomUUID(),
  }
}

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) =>
    word.normalize('NFD').replace(/\p{M}/gu, ''),
  )
}

export function listTasks({ tasks }: ServerState, query: URLSearchParams): object {
  const found = matchingTasks(tasks.all, query).toReversed()
  const limit = positive(query, 'limit', 20)
  const results = found.slice(0, limit)
  return {
    results,
    total: found.length,
    limit,
    from: results[0]?.uid ?? null,
    next: found[limit]?.uid ?? null,
  }
}

export function matchingTasks(all: readonly StoredTask[], query: URLSearchParams): StoredTask[] {
  const holds = (name: string, value: string | null): boolean => {
    const wanted = query.get(name)
    return wanted === null || (value !== null && wanted.split(',').includes(value))
  }
  return all.filter(
    (task) =>
      holds('statuses', task.status) &&
      holds('types', task.type) &&
      holds('indexUids', task.indexUid) &&
      holds('uids', String(task.uid)),
  )
}

export function findTask({ tasks }: ServerState, uid: string): StoredTask {
  const task = tasks.all[Number(uid)]
  if (!task) throw new Refusal(404, 'task_not_found', `Task \`${uid}\` not found.`)
  return task
}

export function batchView({
  uid,
  details,
  status,
  type,
  indexUid,
  duration,
  startedAt,
  finishedAt,
}: StoredTask): object {
  const stats = {
    totalNbTasks: 1,
    status: { [status]: 1 },
    types: { [type]: 1 },
    indexUids: indexUid === null ? {} : { [indexUid]: 1 },
    progressTrace: {},
  }
  const progress = status === 'processing' ? { steps: [], percentage: 40 } : null
  return {
    uid,
    progress,
    details,
    stats,
    duration,
    startedAt,
    finishedAt,
    batchStrategy: 'batched all enqueued tasks',
  }
}

export function listBatches({ tasks }: ServerState, query: URLSearchParams): object {
  const found = tasks.all.filter(({ batchUid }) => batchUid !== null).toReversed()
  const limit = positive(query, 'limit', 20)
  const results = found.slice(0, limit).map(batchView)
  return { results, total: found.length, limit, from: found[0]?.uid ?? null, next: found[limit]?.uid ?? null }
}

function page(items: readonly object[], query: URLSearchParams): object {
  const [offset, limit] = [positive(query, 'offset', 0), positive(query, 'limit', 20)]
  return { results: items.slice(offset, offset + limit), offset, limit, total: items.length }
}

function positive(query: URLSearchParams, name: string, standard: number): number {
  const text = query.get(name)
  if (text === null) return standard
  if (/^\d+$/.test(text)) return Number(text)
  throw new Refusal(
    400,
    `invalid_document_${name}`,
    `Invalid value in parameter \`${name}\`: could not parse \`${text}\` as a positive integer`,
  )
}

export function parseBody(body: string): unknown {
  try {
    return parseExact(body)
  } catch {
    // serde's own words, as the recording has them.
    throw new Refusal(
      400,
      'malformed_payload',
      `The \`json\` payload provided is malformed. \`Couldn't serialize document value: EOF while parsing an object at line 1 column ${body.length}\`.`,
    )
  }
}
