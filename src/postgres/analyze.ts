import type { Connection } from './connection.ts'
import { openSession, type Session } from './session.ts'

/** Several tables at a time, the largest first: one session would leave the other processors idle. */
export async function analyze(
  connection: Connection,
  { sessions, signal }: { sessions: number; signal: AbortSignal },
): Promise<void> {
  await using first = await openSession(connection, signal)
  const rows = await first.query(`
    SELECT format('ANALYZE %I.%I', n.nspname, c.relname) AS sql
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
    ORDER BY c.relpages DESC`)
  const queue = rows.values()
  const worker = async (): Promise<void> => {
    await using session = await openSession(connection, signal)
    for (const { sql } of queue) await session.query(sql ?? '')
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(sessions, rows.length) }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

/** Of these tables only those that are there; everything else keeps the statistics that it has. */
export async function analyzeOnly(
  session: Session,
  tables: readonly { readonly schema: string; readonly name: string }[],
): Promise<void> {
  const wanted = new Set(tables.map(({ schema, name }) => JSON.stringify([schema, name])))
  const rows = await session.query(`
    SELECT n.nspname AS schema, c.relname AS name, format('ANALYZE %I.%I', n.nspname, c.relname) AS sql
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm')`)
  for (const { schema, name, sql } of rows) {
    if (wanted.has(JSON.stringify([schema, name]))) await session.query(sql ?? '')
  }
}
