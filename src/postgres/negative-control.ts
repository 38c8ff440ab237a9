import type { RungReport } from '../catalog/verification.ts'
import type { Connection } from './connection.ts'
import type { TableContents } from './contents.ts'
import { fingerprintTable } from './fingerprint.ts'
import { qualified } from './identifier.ts'
import { openSession, sqlState, type Session } from './session.ts'
import { listTables, measureTables } from './tables.ts'

/** So many of the smallest tables are tried; keys and triggers protect the rows of some. */
const TRIED = 20

/**
 * Deletes a row of the copy, in a transaction that is rolled back, and demands that the fingerprint notices. `tables`
 * are those that were found equal.
 */
export async function damageCopy(
  connection: Connection,
  tables: readonly TableContents[],
  signal: AbortSignal,
): Promise<RungReport> {
  await using session = await openSession(connection, signal)
  const measured = await measureTables(session, await listTables(session))
  const candidates = tables
    .filter(({ rows, digest }) => rows !== null && rows > 0 && digest !== null)
    .toSorted((a, b) => a.bytes - b.bytes)
    .slice(0, TRIED)
  for (const expected of candidates) {
    const table = measured.find(({ schema, name }) => schema === expected.schema && name === expected.name)
    if (!table) continue
    const name = qualified(table.schema, table.name)
    await session.query('BEGIN')
    try {
      await withoutTriggers(session)
      const deleted = await session.query(
        `DELETE FROM ONLY ${name} WHERE ctid IN
         (SELECT ctid FROM ONLY ${name} ${table.configuration?.condition ?? ''} LIMIT 1) RETURNING 1 AS gone`,
      )
      if (deleted.length !== 1) continue
      const damaged = await fingerprintTable(session, table, {
        depth: 'digest',
        hashed: expected.hashed ?? 'rows',
      })
      const noticed = damaged.rows !== expected.rows && damaged.digest !== expected.digest
      return noticed
        ? { outcome: 'passed', summary: 'A row deleted from the copy was noticed.' }
        : { outcome: 'failed', summary: 'A row deleted from the copy was NOT noticed.' }
    } catch (error) {
      if (!/^[0-9A-Z]{5}$/.test(sqlState(error))) throw error
    } finally {
      await session.query('ROLLBACK')
    }
  }
  return { outcome: 'not-measured', summary: 'There is no table of which a row could be deleted.' }
}

/** Before 15 that right cannot be granted: then a table without triggers and keys has to be found. */
async function withoutTriggers(session: Session): Promise<void> {
  await session.query('SAVEPOINT before')
  try {
    await session.query('SET LOCAL session_replication_role = replica')
  } catch (error) {
    if (sqlState(error) !== '42501') throw error
    await session.query('ROLLBACK TO SAVEPOINT before')
  }
}
