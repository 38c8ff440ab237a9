import type { Finding, RungReport } from '../catalog/verification.ts'
import type { Connection } from './connection.ts'
import { identifier } from './identifier.ts'
import { openSession, sqlState, type Session } from './session.ts'

/**
 * Checks every B-tree index against its table, as the owner of a copy, with the extension that `furnishCopy` left there:
 * an index may be over the archive's own functions, and they run here.
 */
export async function checkIndexes(owner: Connection, signal: AbortSignal): Promise<RungReport> {
  await using session = await openSession(owner, signal)
  const [extension] = await session.query(`
    SELECT n.nspname AS schema FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'amcheck'`)
  if (extension?.schema == null) {
    return { outcome: 'not-measured', summary: 'The server has no extension amcheck.' }
  }
  return await checkAll(session, `${identifier(extension.schema)}.bt_index_check`)
}

async function checkAll(session: Session, check: string): Promise<RungReport> {
  const indexes = await session.query(`
    SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_am a ON a.oid = c.relam AND a.amname = 'btree'
    WHERE i.indisvalid AND i.indisready AND c.relkind = 'i' AND n.nspname !~ '^pg_' AND c.relpersistence <> 't'
    ORDER BY c.oid`)
  const corrupt: Finding[] = []
  const unchecked: Finding[] = []
  for (const { oid, name } of indexes) {
    try {
      await session.query(`SELECT ${check}($1::oid::regclass, true)`, [oid ?? ''])
    } catch (error) {
      const state = sqlState(error)
      if (!/^[0-9A-Z]{5}$/.test(state)) throw error
      const finding = { what: `index ${name ?? ''}`, expected: 'sound', found: String(error) }
      // Anything else is what the index's own functions said.
      if (CORRUPT.includes(state)) corrupt.push(finding)
      else unchecked.push(finding)
    }
  }
  return {
    outcome: corrupt.length > 0 ? 'failed' : unchecked.length > 0 ? 'not-measured' : 'passed',
    summary:
      `${indexes.length - corrupt.length - unchecked.length} of ${indexes.length} B-tree indexes are sound.` +
      (unchecked.length > 0 ? ` ${unchecked.length} could not be checked.` : ''),
    findings: [...corrupt, ...unchecked],
  }
}

const CORRUPT = ['XX001', 'XX002']
