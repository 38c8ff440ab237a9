import { exactNumber, float32, parseExact } from './exact-json.ts'
import { defaultSettings, type Settings } from './settings.ts'

export type StoredDocument = Record<string, unknown>

/** Vectors of a document by embedder. */
export type Vectors = Record<
  string,
  { readonly embeddings: readonly unknown[]; readonly regenerate: boolean }
>

export interface StoredIndex {
  primaryKey: string | null
  createdAt: string
  updatedAt: string
  settings: Settings
  /** By the text of their primary key, oldest first. */
  readonly documents: Map<string, { readonly document: StoredDocument; readonly vectors: Vectors }>
}

export function emptyIndex(primaryKey: string | null, time: string): StoredIndex {
  return { primaryKey, createdAt: time, updatedAt: time, settings: defaultSettings(), documents: new Map() }
}

/** Why a task fails. */
export class TaskFailure extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Adds or replaces documents, as the server does; throws `TaskFailure`. */
export function addDocuments(index: StoredIndex, documents: readonly StoredDocument[]): void {
  const primaryKey = index.primaryKey ?? inferPrimaryKey(documents[0] ?? {})
  for (const document of documents) {
    const id = document[primaryKey]
    if (id === undefined) {
      throw new TaskFailure(
        'missing_document_id',
        `Document doesn't have a \`${primaryKey}\` attribute: \`${JSON.stringify(document)}\`.`,
      )
    }
    if (typeof id === 'object' && exactNumber(id) === undefined) {
      throw new TaskFailure(
        'invalid_document_id',
        `Document identifier \`${JSON.stringify(id)}\` is invalid.`,
      )
    }
  }
  index.primaryKey = primaryKey
  const own = Object.keys(index.settings['embedders'] as Record<string, Settings>)
  for (const { _vectors: given, ...document } of documents) {
    const key = JSON.stringify(document[primaryKey])
    const claimed = (given ?? {}) as Record<string, unknown>
    const vectors: Vectors = Object.fromEntries(own.map((name) => [name, readVectors(claimed[name])]))
    // What no embedder claims stays where it was.
    const others = Object.entries(claimed).filter(([name]) => !own.includes(name))
    const rest = others.length > 0 ? { _vectors: Object.fromEntries(others) } : {}
    index.documents.set(key, { document: { ...document, ...rest }, vectors })
  }
}

function readVectors(given: unknown): Vectors[string] {
  if (given === undefined || given === null) return { embeddings: [], regenerate: false }
  const { embeddings, regenerate } = Array.isArray(given)
    ? { embeddings: given as unknown, regenerate: false }
    : (given as { embeddings?: unknown; regenerate?: boolean })
  const list = Array.isArray(embeddings) ? embeddings : []
  const many =
    list.length > 0 && Array.isArray(list[0])
      ? (list as unknown[][])
      : list.length > 0
        ? [list as unknown[]]
        : []
  return { embeddings: many.map((vector) => vector.map(float32)), regenerate: regenerate ?? false }
}

function inferPrimaryKey(document: StoredDocument): string {
  const candidates = Object.keys(document).filter((key) => key.toLowerCase().endsWith('id'))
  const [first] = candidates
  if (candidates.length === 1 && first !== undefined) return first
  if (first === undefined) {
    throw new TaskFailure(
      'index_primary_key_no_candidate_found',
      'The primary key inference failed as the engine did not find any field ending with `id` in its name. Please specify the primary key manually using the `primaryKey` query parameter.',
    )
  }
  throw new TaskFailure(
    'index_primary_key_multiple_candidates_found',
    `The primary key inference failed as the engine found ${candidates.length} fields ending with \`id\` in their names: '${candidates[0] ?? ''}' and '${candidates[1] ?? ''}'. Please specify the primary key manually using the \`primaryKey\` query parameter.`,
  )
}

/** As the API shows a document; `_vectors` where it has embedders. */
export function withVectors({
  document,
  vectors,
}: {
  document: StoredDocument
  vectors: Vectors
}): StoredDocument {
  return Object.keys(vectors).length > 0
    ? { ...document, _vectors: { ...(document['_vectors'] as Vectors | undefined), ...vectors } }
    : document
}

export function statsOf({ documents }: StoredIndex): Record<string, unknown> {
  const fields: Record<string, number> = {}
  let embeddings = 0
  let embedded = 0
  for (const { document, vectors } of documents.values()) {
    for (const field of Object.keys(document)) fields[field] = (fields[field] ?? 0) + 1
    const own = Object.values(vectors).reduce((sum, each) => sum + each.embeddings.length, 0)
    embeddings += own
    if (own > 0) embedded += 1
  }
  return {
    numberOfDocuments: documents.size,
    rawDocumentDbSize: documents.size * 300,
    avgDocumentSize: documents.size > 0 ? 300 : 0,
    isIndexing: false,
    numberOfEmbeddings: embeddings,
    numberOfEmbeddedDocuments: embedded,
    fieldDistribution: Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** NDJSON or a JSON array or object. */
export function parseDocuments(text: string, ndjson: boolean): StoredDocument[] {
  if (ndjson) {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => parseExact(line) as StoredDocument)
  }
  const content = parseExact(text)
  return (Array.isArray(content) ? content : [content]) as StoredDocument[]
}
