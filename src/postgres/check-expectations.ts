import type { Expectations, FreshnessExpectation, QueryExpectation } from '../catalog/expectations.ts'
import type { Finding, RungReport } from '../catalog/verification.ts'
import { allowViews } from './allow-views.ts'
import { literal } from './identifier.ts'
import { underSearchPath } from './search-path.ts'
import { namesIn, splitColumn } from './references.ts'
import type { Session } from './session.ts'

/** What queries are tried with. */
interface Surroundings {
  readonly snapshotTime: Date
  /** The database's own, as it was recorded: never what the restored copy says. PostgreSQL's own names come first. */
  readonly searchPath: readonly string[]
}

/** Tries what the user knows of the data, each in a read-only transaction of its own with its own limit. */
export async function checkExpectations(
  session: Session,
  expectations: Expectations,
  { snapshotTime, searchPath }: Surroundings,
): Promise<RungReport> {
  const findings: Finding[] = []
  for (const { name, line } of expectations.tables) {
    if (!(await isTable(session, name)))
      findings.push({ what: `line ${line}: table ${name}`, expected: 'a table', found: 'none' })
  }
  for (const query of expectations.queries) findings.push(...(await checkQuery(session, query, searchPath)))
  for (const fresh of expectations.freshness)
    findings.push(...(await checkFreshness(session, fresh, { snapshotTime, searchPath })))
  const count = expectations.tables.length + expectations.queries.length + expectations.freshness.length
  const failed = findings.length
  return {
    outcome: count === 0 ? 'skipped' : failed > 0 ? 'failed' : 'passed',
    summary: count === 0 ? 'The expectations are empty.' : `${count - failed} of ${count} expectations hold.`,
    findings,
  }
}

async function isTable(session: Session, name: string): Promise<boolean> {
  const parts = namesIn(name)
  const [schema = '', table = ''] = parts.length === 1 ? ['public', ...parts] : parts
  const rows = await session.query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
    [schema, table],
  )
  return rows.length > 0
}

async function checkQuery(
  session: Session,
  query: QueryExpectation,
  searchPath: readonly string[],
): Promise<Finding[]> {
  const what = `line ${query.line}: ${query.name}`
  const wanted = [
    query.equals === undefined ? '' : query.equals,
    query.min === undefined ? '' : `at least ${query.min}`,
    query.max === undefined ? '' : `at most ${query.max}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
  const answer = await readOne(session, query, searchPath)
  if ('error' in answer) return [{ what, expected: wanted, found: answer.error }]
  const { value } = answer
  const shown = value ?? 'NULL'
  const number = Number(value)
  const holds =
    (query.equals === undefined || value === query.equals) &&
    (query.min === undefined || (value !== null && number >= query.min)) &&
    (query.max === undefined || (value !== null && number <= query.max))
  return holds ? [] : [{ what, expected: wanted, found: shown }]
}

async function checkFreshness(
  session: Session,
  { column, atMostMs, timeoutMs, line }: FreshnessExpectation,
  { snapshotTime, searchPath }: Surroundings,
): Promise<Finding[]> {
  const [table, name] = splitColumn(column)
  const at = `${literal(snapshotTime.toISOString())}::pg_catalog.timestamptz`
  const newest = `pg_catalog.max(${name})::pg_catalog.timestamptz`
  const sql = `SELECT extract(epoch FROM ${at} OPERATOR(pg_catalog.-) ${newest}) FROM ${table}`
  const answer = await readOne(session, { sql, timeoutMs }, searchPath)
  const what = `line ${line}: newest ${column}`
  const expected = `at most ${hours(atMostMs / 1000)} before the snapshot`
  if ('error' in answer) return [{ what, expected, found: answer.error }]
  if (answer.value === null) return [{ what, expected, found: 'no row' }]
  const seconds = Number(answer.value)
  return seconds * 1000 <= atMostMs ? [] : [{ what, expected, found: `${hours(seconds)} before it` }]
}

function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(1)} h`
}

/** The first column of the only row; an error is an answer: it is the expectation's. */
async function readOne(
  session: Session,
  { sql, timeoutMs }: Pick<QueryExpectation, 'sql' | 'timeoutMs'>,
  searchPath: readonly string[],
): Promise<{ readonly value: string | null } | { readonly error: string }> {
  await session.query('BEGIN READ ONLY')
  try {
    await session.query(`SET LOCAL statement_timeout = ${Math.round(timeoutMs)}`)
    await allowViews(session)
    const { rows } = await underSearchPath(session, searchPath, () => session.single(sql))
    const [row] = rows
    if (rows.length !== 1 || row === undefined) return { error: `${rows.length} rows instead of one` }
    return { value: row[0] ?? null }
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
    // Five characters are the server's own answer; anything else is a lost connection or a cancelled run.
    if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) throw error
    return { error: code === '57014' ? `no answer within ${timeoutMs / 1000} s` : String(error) }
  } finally {
    await session.query('ROLLBACK')
  }
}
