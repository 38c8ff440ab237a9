import type { IndexDeclaration, SearchDocument } from '../catalog/reindex.ts'
import { LifeboatError } from '../errors.ts'
import type { DescribedQuery } from './describe-queries.ts'
import { documentWriter } from './document-json.ts'
import { identifier } from './identifier.ts'
import { underSearchPath, useOwnPath, useSearchPath } from './search-path.ts'
import { sqlState, type Session } from './session.ts'

/** So much is asked for at a time, judged by the widest row so far. */
const FETCH_BYTES = 2 * 2 ** 20
const MOST_ROWS = 1_000
const FIRST_ROWS = 50

/**
 * Reads a query's rows through a cursor of the server's. The next handful is asked for when the one before has been
 * taken: what is in memory does not grow with the table. Throws `incomplete` where the query fails half-way, or a row
 * has no usable key.
 */
export async function* readDocuments(
  session: Session,
  declaration: IndexDeclaration,
  query: DescribedQuery,
  searchPath: readonly string[],
): AsyncGenerator<readonly SearchDocument[]> {
  const write = documentWriter(declaration, query)
  const cursor = identifier(`lifeboat ${declaration.uid}`.slice(0, 60))
  let row = 0
  let widest = 1
  let rows = FIRST_ROWS
  try {
    await session.query(`SET LOCAL statement_timeout = ${Math.round(declaration.timeoutMs)}`)
    // Functions of the query look names up when they run; of ours nothing does until the end.
    await useSearchPath(session, searchPath)
    await session.single(`DECLARE ${cursor} NO SCROLL CURSOR WITHOUT HOLD FOR\n${declaration.sql}`)
    for (;;) {
      const fetched = await session.single(`FETCH FORWARD ${rows} FROM ${cursor}`)
      const documents = fetched.rows.map((values) => write(values, ++row))
      if (documents.length > 0) yield documents
      if (documents.length < rows) break
      for (const { text } of documents) widest = Math.max(widest, text.length)
      rows = Math.max(1, Math.min(MOST_ROWS, rows * 2, Math.floor(FETCH_BYTES / widest)))
    }
    await session.query(`CLOSE ${cursor}`)
    await useOwnPath(session)
  } catch (error) {
    throw queryFailure(error, declaration, row)
  }
}

/** Keys that stand in more than one row, the most frequent first. */
export async function findDuplicates(
  session: Session,
  { sql, primaryKey, timeoutMs }: IndexDeclaration,
  searchPath: readonly string[],
): Promise<{ key: string; rows: number }[]> {
  await session.query(`SET LOCAL statement_timeout = ${Math.round(timeoutMs)}`)
  const key = identifier(primaryKey)
  const times = 'pg_catalog.count(*)'
  const counted = `SELECT ${key}::pg_catalog.text, ${times} FROM (\n${sql}\n) AS counted
    GROUP BY 1 HAVING ${times} OPERATOR(pg_catalog.>) 1 ORDER BY 2 DESC, 1 LIMIT 5`
  const { rows } = await underSearchPath(session, searchPath, () => session.single(counted))
  return rows.map(([value, count]) => ({ key: value ?? '', rows: Number(count) }))
}

/** What the server says of a query that it had begun to answer; everything else passes through. */
function queryFailure(error: unknown, { line, uid, timeoutMs }: IndexDeclaration, row: number): unknown {
  const state = sqlState(error)
  if (error instanceof LifeboatError || !/^[0-9A-Z]{5}$/.test(state)) return error
  const where = `The query of index "${uid}" (line ${line})`
  const after = row === 0 ? 'before its first row' : `after ${row} rows`
  if (state === '57014') {
    return new LifeboatError('incomplete', `${where} gave nothing for ${timeoutMs / 1000} s ${after}.`, {
      hint: 'Make it faster, or allow it more: timeout: 30m beside the query. Search is as it was.',
      cause: error,
    })
  }
  const conflict = state === '40001'
  return new LifeboatError('incomplete', `${where} failed ${after}.`, {
    hint: conflict
      ? 'A standby ends queries that hinder its recovery: run it against the primary, or raise max_standby_streaming_delay. Search is as it was.'
      : 'Correct the query or the row that it stumbles on. Search is as it was.',
    cause: error,
  })
}
