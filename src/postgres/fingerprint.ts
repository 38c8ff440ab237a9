import type { Contents, TableContents } from './contents.ts'
import { hashCopy } from './hash-copy.ts'
import { identifier, qualified } from './identifier.ts'
import { inWords } from './query-failure.ts'
import type { Session } from './session.ts'
import { sqlState } from './sql-state.ts'
import type { MeasuredTable } from './tables.ts'

export type FingerprintDepth = Contents['fingerprint']

/** Large objects are read in pieces of this many bytes: one of 4 TB fits in nobody's memory. */
const LARGE_OBJECT_CHUNK = 1024 * 1024

/** What of a table is hashed: each row's text form, by a query, or the table as COPY writes it. */
export type Hashed = 'rows' | 'copy'

/**
 * Rows and digest of one table, seen by `session`; an extension's configuration always as COPY. The digest is the sum of 64-bit hashes of the rows' text forms:
 * the order of rows does not matter, and neither does the order of columns, which inheritance changes on a restore.
 * An error of the server names the table.
 */
export async function fingerprintTable(
  session: Session,
  table: MeasuredTable,
  { depth, hashed }: { depth: FingerprintDepth; hashed: Hashed },
): Promise<TableContents> {
  const { schema, name, oid, bytes, columns, configuration } = table
  const extension = configuration && { extension: configuration.extension }
  const facts = { schema, name, oid, bytes, columns: [...columns], ...extension }
  if (depth === 'none') return { ...facts, rows: null, digest: null }
  try {
    if (hashed === 'rows' && !configuration) return { ...facts, ...(await hashRows(session, table, depth)) }
    return { ...facts, ...(await hashCopy(session, table, { digest: depth === 'digest' })), hashed: 'copy' }
  } catch (error) {
    throw inWords(error, `table ${schema}.${name}`)
  }
}

const SAVEPOINT = 'before_fingerprint'
/** So many tables' indexes are locked at a time. */
const LOCKED_AT_ONCE = 50

/**
 * Fingerprints tables one after another, in the transaction that `session` is in. A table that no query can read, or
 * none that would not run somebody's code, is read as a dump reads it: by COPY.
 */
export async function fingerprintTables(
  session: Session,
  tables: readonly MeasuredTable[],
  depth: FingerprintDepth,
): Promise<TableContents[]> {
  const found: TableContents[] = []
  await session.query(`SAVEPOINT ${SAVEPOINT}`)
  for (const table of tables) {
    const isCopied = table.plansCode || table.configuration !== undefined
    try {
      const hashed = isCopied ? 'copy' : 'rows'
      found.push(await fingerprintTable(session, table, { depth, hashed }))
    } catch (error) {
      if (isCopied || !isOfQuery(error)) throw error
      await session.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`)
      found.push(await fingerprintTable(session, table, { depth, hashed: 'copy' }))
    }
    // That lets go of the locks on their indexes: the server's room for locks is limited.
    if (found.length % LOCKED_AT_ONCE === 0) await session.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`)
  }
  await session.query(`RELEASE SAVEPOINT ${SAVEPOINT}`)
  return found
}

/**
 * What another way of asking may avoid: not a lost session, an ended transaction, a lock that is not given, a server
 * out of resources, a cancelled query or damaged storage.
 */
function isOfQuery(error: unknown): boolean {
  const state = sqlState(error)
  return /^[0-9A-Z]{5}$/.test(state) && !/^(08|25|40|53|55|57|58)|^XX00[12]$/.test(state)
}

/**
 * Every column is qualified, so that one that is called like the alias does not stand for the whole row. The count is
 * of a system column, so that an index never answers for the table: a damaged one would.
 */
async function hashRows(
  session: Session,
  { schema, name, columns }: MeasuredTable,
  depth: FingerprintDepth,
): Promise<Pick<TableContents, 'rows' | 'digest'>> {
  const row = `ROW(${columns.map((column) => `t.${identifier(column)}`).join(', ')})::text COLLATE "C"`
  const digest = depth === 'digest' ? `coalesce(sum(hashtextextended(${row}, 0)), 0)` : 'NULL'
  const [found] = await session.query(
    `SELECT count(t.ctid) AS rows, ${digest} AS digest FROM ONLY ${qualified(schema, name)} AS t`,
  )
  return { rows: Number(found?.rows), digest: found?.digest ?? null }
}

/** Number, bytes and digest of all large objects, each with its own number in the hash. */
export async function fingerprintLargeObjects(
  session: Session,
  depth: FingerprintDepth,
): Promise<Contents['largeObjects']> {
  if (depth !== 'digest') {
    const [found] = await session.query('SELECT count(*) AS objects FROM pg_catalog.pg_largeobject_metadata')
    return { objects: Number(found?.objects), bytes: null, digest: null }
  }
  // The hash of each chunk goes on, not the chunk: the recursion keeps what it returns.
  const [found] = await session.query(`
    WITH RECURSIVE chunks AS (
      SELECT m.oid, 0::bigint AS number, d.length, d.hash
      FROM pg_catalog.pg_largeobject_metadata m, LATERAL (${hashedChunk('m.oid', '0')}) d
      UNION ALL
      SELECT c.oid, c.number + 1, d.length, d.hash
      FROM chunks c, LATERAL (${hashedChunk('c.oid', 'c.number + 1')}) d
      WHERE c.length = ${LARGE_OBJECT_CHUNK})
    SELECT count(*) FILTER (WHERE number = 0) AS objects, coalesce(sum(length), 0) AS bytes,
           coalesce(sum(hashtextextended(oid || ' ' || number || ' ' || hash, 0)), 0) AS digest
    FROM chunks`)
  return { objects: Number(found?.objects), bytes: Number(found?.bytes), digest: found?.digest ?? '0' }
}

function hashedChunk(oid: string, number: string): string {
  return `SELECT length(data) AS length, encode(sha256(data), 'hex') AS hash
          FROM (SELECT pg_catalog.lo_get(${oid}, (${number}) * ${LARGE_OBJECT_CHUNK}, ${LARGE_OBJECT_CHUNK}) AS data
                OFFSET 0) piece`
}
