import type { RungReport } from '../catalog/verification.ts'
import { openSession, sqlState, type Session } from './session.ts'
import type { RestoreTarget } from './restore-target.ts'

const SCHEMA = 'lifeboat_amcheck'

/** Checks every B-tree index against its table. The extension lives in a schema of its own, after the fingerprint. */
export async function checkIndexes(target: RestoreTarget, signal: AbortSignal): Promise<RungReport> {
  await using superuser = await openSession(target.superuser, signal)
  const available = await superuser.query(
    `SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = 'amcheck'`,
  )
  if (available.length === 0) {
    return { outcome: 'not-measured', summary: 'The server has no extension amcheck.' }
  }
  await superuser.query(`CREATE SCHEMA ${SCHEMA}`)
  await superuser.query(`CREATE EXTENSION amcheck WITH SCHEMA ${SCHEMA}`)
  await superuser.query(`GRANT USAGE ON SCHEMA ${SCHEMA} TO PUBLIC`)
  await superuser.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${SCHEMA} TO PUBLIC`)
  await using session = await openSession(target.owner, signal)
  return await checkAll(session)
}

async function checkAll(session: Session): Promise<RungReport> {
  const indexes = await session.query(`
    SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_am a ON a.oid = c.relam AND a.amname = 'btree'
    WHERE i.indisvalid AND i.indisready AND c.relkind = 'i' AND n.nspname !~ '^pg_' AND c.relpersistence <> 't'
    ORDER BY c.oid`)
  const corrupt: { what: string; expected: string; found: string }[] = []
  for (const { oid, name } of indexes) {
    try {
      await session.query(
        `SELECT ${SCHEMA}.bt_index_check(index => $1::oid::regclass, heapallindexed => true)`,
        [oid ?? ''],
      )
    } catch (error) {
      const CORRUPT = ['XX001', 'XX002']
      if (!CORRUPT.includes(sqlState(error))) throw error
      corrupt.push({ what: `index ${name ?? ''}`, expected: 'sound', found: String(error) })
    }
  }
  return {
    outcome: corrupt.length > 0 ? 'failed' : 'passed',
    summary: `${indexes.length - corrupt.length} of ${indexes.length} B-tree indexes are sound.`,
    findings: corrupt,
  }
}
