import type { SourceFacts } from './manifest.ts'

/** What a backup holds, in numbers and in the source's own words: for whoever compares and reports, whatever the source. */
export interface Totals {
  /** Tables, or indexes. */
  readonly parts: number
  /** Rows, or documents; null where they were not counted. */
  readonly rows: number | null
  /** Of all parts together. */
  readonly bytes: number
  /** What the source itself takes, with everything that it keeps beside its data. */
  readonly liveBytes: number
  readonly each: readonly Part[]
  /** Tells one place from another; null where it is not known. */
  readonly place: string | null
  readonly words: Words
}

export interface Part {
  readonly id: string
  readonly rows: number | null
  readonly bytes: number
}

export interface Words {
  /** `table` */
  readonly part: string
  /** `tables` */
  readonly parts: string
  /** `row` */
  readonly row: string
  /** `rows` */
  readonly rows: string
  /** `Table with OID` */
  readonly one: string
}

const TABLES: Words = { part: 'table', parts: 'tables', row: 'row', rows: 'rows', one: 'Table with OID' }
const INDEXES: Words = {
  part: 'index',
  parts: 'indexes',
  row: 'document',
  rows: 'documents',
  one: 'Index with id',
}

export function totalsOf(facts: Pick<SourceFacts, 'source' | 'contents' | 'server'>): Totals {
  return facts.source === 'postgres'
    ? postgresTotals(facts as Extract<SourceFacts, { source: 'postgres' }>)
    : meilisearchTotals(facts as Extract<SourceFacts, { source: 'meilisearch' }>)
}

function postgresTotals({
  contents,
  server,
}: Pick<Extract<SourceFacts, { source: 'postgres' }>, 'contents' | 'server'>): Totals {
  return {
    parts: contents.tables,
    rows: contents.rows,
    bytes: contents.perTable.reduce((sum, { bytes }) => sum + bytes, 0),
    liveBytes: contents.databaseBytes,
    each: contents.perTable.map(({ oid, rows, bytes }) => ({ id: String(oid), rows, bytes })),
    place: server.systemIdentifier,
    words: TABLES,
  }
}

function meilisearchTotals({
  contents,
}: Pick<Extract<SourceFacts, { source: 'meilisearch' }>, 'contents'>): Totals {
  return {
    parts: contents.indexes,
    rows: contents.documents,
    bytes: contents.bytes,
    liveBytes: contents.bytes,
    each: contents.perIndex.map(({ index, documents, bytes }) => ({ id: index, rows: documents, bytes })),
    place: null,
    words: INDEXES,
  }
}
