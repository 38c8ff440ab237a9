import type { FoundContents, FoundSequence } from './compare-contents.ts'
import type { Connection } from './connection.ts'
import type { Contents, TableContents } from './contents.ts'
import { fingerprintLargeObjects, fingerprintTable } from './fingerprint.ts'
import { takeInventory } from './inventory.ts'
import { readSequences } from './sequences.ts'
import { openSession, type Session } from './session.ts'
import { listTables, measureTables, tablesWithRows } from './tables.ts'

/**
 * Reads a restored copy as the snapshot was read, table by table in the same way, several at a time, the largest first.
 * Nobody else writes there, so the sessions need no snapshot in common.
 */
export async function findContents(
  connection: Connection,
  expected: Pick<Contents, 'fingerprint' | 'tables'>,
  { standby, sessions, signal }: { standby: boolean; sessions: number; signal: AbortSignal },
): Promise<FoundContents> {
  await using first = await openSession(connection, signal)
  const listed = await listTables(first)
  const measured = await measureTables(first, tablesWithRows(listed, { standby }))
  const queue = measured.toSorted((a, b) => b.bytes - a.bytes).values()
  const copied = new Set(expected.tables.filter(({ hashed }) => hashed === 'copy').map(nameOf))
  const tables: TableContents[] = []
  const reader = async (session: Session): Promise<void> => {
    for (const table of queue) {
      const hashed = copied.has(nameOf(table)) ? 'copy' : 'rows'
      tables.push(await fingerprintTable(session, table, { depth: expected.fingerprint, hashed }))
    }
  }
  const another = async (): Promise<void> => {
    await using session = await openSession(connection, signal)
    await reader(session)
  }
  let largeObjects: Contents['largeObjects'] = { objects: 0, bytes: null, digest: null }
  const own = async (): Promise<void> => {
    largeObjects = await fingerprintLargeObjects(first, expected.fingerprint)
    await reader(first)
  }
  const others = Array.from({ length: Math.max(0, Math.min(sessions, measured.length) - 1) }, another)
  const ends = await Promise.allSettled([own(), ...others])
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  const { objects, extensions } = await takeInventory(first)
  return {
    tables,
    largeObjects,
    sequences: await readFoundSequences(connection, first, signal),
    objects,
    extensions,
  }
}

function nameOf({ schema, name }: Pick<TableContents, 'schema' | 'name'>): string {
  return JSON.stringify([schema, name])
}

/** Sequences that stand behind the highest value of the column that they serve: the next insert would collide. */
export async function sequencesBehind(session: Session): Promise<string[]> {
  const owned = await session.query(`
    SELECT n.nspname || '.' || s.relname AS sequence,
           format('SELECT (SELECT max(%I) FROM %I.%I) > (SELECT last_value FROM %I.%I)', a.attname, tn.nspname,
                  t.relname, n.nspname, s.relname) || ' AS behind' AS sql
    FROM pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0 AND NOT q.seqcycle
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.oid
      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE t.relkind IN ('r', 'p') AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
    ORDER BY 1`)
  const behind: string[] = []
  for (const { sequence, sql } of owned) {
    const [row] = await session.query(sql ?? '')
    if (row?.behind === 't') behind.push(sequence ?? '')
  }
  return behind
}

async function readFoundSequences(
  connection: Connection,
  session: Session,
  signal: AbortSignal,
): Promise<FoundSequence[]> {
  const values = await readSequences(connection, signal)
  const rows = await session.query(`
    SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_sequence s
    JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE s.seqcycle`)
  const cycling = new Set(rows.map(({ schema, name }) => nameOf({ schema: schema ?? '', name: name ?? '' })))
  return values.map((value) => ({
    ...value,
    cycles: cycling.has(nameOf(value)),
  }))
}
