import { LifeboatError } from '../errors.ts'
import type { MeilisearchClient } from './client.ts'
import { garbled } from './failure.ts'
import { AnswerTooLarge } from './http.ts'
import { scanElements, textOf, valueEnd, visitMembers, type Span } from './json-text.ts'

/** Documents of one page: their text lies in `bytes`, at `spans`. */
export interface DocumentsPage {
  readonly bytes: Buffer
  readonly spans: readonly Span[]
  /** How many documents the index has, as the server said with this page. */
  readonly total: number
}

/** A page is about so large: it is in memory as a whole. */
const PAGE_BYTES = 4 * 1024 * 1024
/** No page is taken that is larger, unless it is a single document: it is asked for in smaller ones. */
const MOST_PAGE_BYTES = 16 * 1024 * 1024
/** The server's own limit on a document is far below. */
const MOST_DOCUMENT_BYTES = 1024 * 1024 * 1024
/** Before anything is known of how large documents are. */
const FIRST_LIMIT = 200
const MOST_DOCUMENTS = 20_000
/** A page grows by no more than this at once: documents differ. */
const GROWTH = 8
const SHRINKING = 4

/**
 * All documents of an index with their vectors, page by page, as the text that the server wrote: no digit of a number is
 * touched. `averageBytes` is about what a document has, where somebody knows it. While a page is used the next is on its way,
 * unless it is a large one. It is no snapshot: whoever reads compares what the index was
 * before and after. Throws what the client throws.
 */
export async function* readDocuments(
  client: MeilisearchClient,
  uid: string,
  averageBytes?: number,
): AsyncGenerator<DocumentsPage, void, undefined> {
  let offset = 0
  let limit = averageBytes === undefined ? FIRST_LIMIT : Math.min(FIRST_LIMIT, fitting(averageBytes))
  let coming = askPage(client, uid, { offset, limit })
  for (;;) {
    const bytes = await coming
    if (bytes === undefined) {
      limit = Math.max(1, Math.floor(limit / SHRINKING))
      coming = askPage(client, uid, { offset, limit })
      continue
    }
    const page = readPage(bytes, { client, uid })
    if (page.spans.length === 0) return
    offset += page.spans.length
    const size = Math.max(1, bytes.length / page.spans.length)
    limit = Math.min(MOST_DOCUMENTS, limit * GROWTH, fitting(size))
    const isLast = offset >= page.total
    const isLarge = bytes.length > 2 * PAGE_BYTES
    if (!isLast && !isLarge) coming = askPage(client, uid, { offset, limit })
    yield page
    if (isLast) return
    if (isLarge) coming = askPage(client, uid, { offset, limit })
  }
}

function fitting(averageBytes: number): number {
  return Math.max(1, Math.floor(PAGE_BYTES / Math.max(1, averageBytes)))
}

/** Undefined where the page would be too large. */
function askPage(
  client: MeilisearchClient,
  uid: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<Buffer | undefined> {
  const mostBytes = limit > 1 ? MOST_PAGE_BYTES : MOST_DOCUMENT_BYTES
  const asked = client.documentsPage(uid, { offset, limit, mostBytes }).catch((error: unknown) => {
    if (error instanceof AnswerTooLarge && limit > 1) return undefined
    throw error
  })
  // It may fail before anybody waits for it, or when nobody does any more.
  asked.catch(() => undefined)
  return asked
}

function readPage(
  bytes: Buffer,
  { client: { host }, uid }: { client: MeilisearchClient; uid: string },
): DocumentsPage {
  const asked = { method: 'GET', path: `/indexes/${uid}/documents`, host }
  try {
    const found: { spans?: Span[]; total?: number } = {}
    // In one pass: a page is megabytes.
    visitMembers(bytes, 0, (start, end, value) => {
      const name = textOf(bytes, { start, end })
      if (name === '"results"') return scanElements(bytes, value, (found.spans = []))
      const after = valueEnd(bytes, value)
      if (name === '"total"') found.total = Number(textOf(bytes, { start: value, end: after }))
      return after
    })
    const { spans, total } = found
    if (!spans || total === undefined) throw garbled(asked, 'it has no results or no total')
    return { bytes, spans: spans.map((span) => withoutNoVectors(bytes, span)), total }
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'damaged') throw garbled(asked, error.message, error)
    throw error
  }
}

const NO_VECTORS = Buffer.from(',"_vectors":{}}')

/**
 * Where an index has no embedders, the server puts this behind each document when it is asked for vectors; its own dumps
 * do not have it. Inside a string the quotes would be escaped, so it can be nothing else. The bytes are changed in place.
 */
function withoutNoVectors(bytes: Buffer, { start, end }: Span): Span {
  const from = end - NO_VECTORS.length
  if (from <= start || bytes.compare(NO_VECTORS, 0, NO_VECTORS.length, from, end) !== 0) return { start, end }
  bytes[from] = 0x7d
  return { start, end: from + 1 }
}
