import { failed, notChecked, passed, type Finding } from '../catalog/finding.ts'
import { LifeboatError } from '../errors.ts'
import { qualified } from './identifier.ts'
import { findUnreadable, GRANTS, listNames, type Unreadable } from './privileges.ts'
import type { Server } from './server.ts'
import { sqlState, type Session } from './session.ts'
import { isDumped, listTables, type Table } from './tables.ts'

/** How long a table that somebody holds is waited for. */
const LOCK_WAIT = '2s'
const LOCKED = '55P03'
/** So many large objects are tried at a time. */
const BATCH = 1_000
/** So many that cannot be read are named; then the rest is not tried. */
const ENOUGH = 20

/**
 * Whether the role can read all that a dump reads. The catalog's word is not enough: every table and every large object
 * is opened once, and row security is off, so that a table that would hide rows refuses.
 */
export async function* examineRights(session: Session, server: Server): AsyncGenerator<Finding> {
  const unreadable = await findUnreadable(session, server)
  const tables = (await listTables(session)).filter(isDumped)
  await session.query(`SELECT pg_catalog.set_config('lock_timeout', '${LOCK_WAIT}', false)`)
  const tried = await tryTables(session, tables)
  yield relations(unreadable, tried, tables.length)
  yield await rowSecurity(session, unreadable, tried)
  yield await largeObjects(session, unreadable)
}

interface Tried {
  readonly refused: readonly string[]
  readonly hidden: readonly string[]
  readonly locked: readonly string[]
  /** With the server's words. */
  readonly broken: readonly string[]
}

/** 42501 as a missing right is, so that its words have to tell: those before the table's name, which may be anything. */
const HIDDEN = /^query would be affected by row-level security policy for table "/

async function tryTables(session: Session, tables: readonly Table[]): Promise<Tried> {
  const tried: Record<keyof Tried, string[]> = { refused: [], hidden: [], locked: [], broken: [] }
  for (const { schema, name } of tables) {
    const relation = qualified(schema, name)
    try {
      await session.query(`SELECT FROM ONLY ${relation} LIMIT 1`)
    } catch (error) {
      if (error instanceof LifeboatError) throw error
      if (sqlState(error) === LOCKED) tried.locked.push(`table ${relation}`)
      else if (HIDDEN.test(messageOf(error))) tried.hidden.push(`table ${relation}`)
      else if (sqlState(error) === '42501') tried.refused.push(`table ${relation}`)
      // Dropped in the meantime: nobody misses it.
      else if (sqlState(error) !== '42P01') tried.broken.push(`table ${relation} (${messageOf(error)})`)
    }
  }
  return tried
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function relations(
  { role, relations: names }: Unreadable,
  { refused, locked, broken }: Tried,
  tables: number,
): Finding {
  const name = 'tables, schemas, sequences'
  // The catalog writes a name only in quotes where it needs them; a trial always does.
  const all = names.length > 0 ? names : refused
  if (all.length > 0) return failed(name, `${listNames(all, 'may not be read')}.`, GRANTS.relations(role))
  if (broken.length > 0) {
    return failed(
      name,
      `${listNames(broken, 'cannot be read')}.`,
      'The server itself fails at it, and so will a dump: look at its log and its disk before anything else.',
    )
  }
  if (locked.length > 0) {
    return notChecked(
      name,
      `${listNames(locked, 'are locked by somebody')}.`,
      'Run this again when the work on them is done.',
    )
  }
  return passed(name, `${role} can read all ${tables} tables.`)
}

async function rowSecurity(session: Session, { role, hidden }: Unreadable, tried: Tried): Promise<Finding> {
  const name = 'row security'
  const all = hidden.length > 0 ? hidden : tried.hidden
  if (all.length > 0) {
    return failed(name, `${listNames(all, `hide rows from ${role}`)}.`, GRANTS.hidden(role))
  }
  const [row] = await session.query(`
    SELECT count(*) FILTER (WHERE c.relrowsecurity) AS secured,
           (SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user) AS bypasses
    FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p')`)
  const secured = Number(row?.secured)
  if (secured === 0) return passed(name, 'no table has any.')
  const how = row?.bypasses === 't' ? 'BYPASSRLS' : 'as their owner'
  return passed(name, `${secured} tables have it, and ${role} sees all of their rows (${how}).`)
}

async function largeObjects(session: Session, { role, largeObjects: names }: Unreadable): Promise<Finding> {
  const name = 'large objects'
  const rows = await session.query('SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid')
  const oids = rows.map(({ oid }) => Number(oid))
  const refused: number[] = []
  for (let start = 0; start < oids.length; start += BATCH) {
    await tryLargeObjects(session, oids.slice(start, start + BATCH), refused)
  }
  const all = names.length > 0 ? names : refused.map((oid) => `large object ${oid}`)
  if (all.length > 0) return failed(name, `${listNames(all, 'may not be read')}.`, GRANTS.largeObjects(role))
  return passed(name, oids.length === 0 ? 'there are none.' : `all ${oids.length} can be read.`)
}

/** Opens all at once, and where that is refused the halves: few refusals are found with few questions. */
async function tryLargeObjects(session: Session, oids: readonly number[], refused: number[]): Promise<void> {
  if (oids.length === 0 || refused.length >= ENOUGH) return
  try {
    await session.query('SELECT count(pg_catalog.lo_get(oid, 0, 1)) FROM unnest($1::oid[]) AS oid', [
      `{${oids.join()}}`,
    ])
  } catch (error) {
    // 42704: removed in the meantime.
    if (!['42501', '42704'].includes(sqlState(error))) throw error
    const half = Math.ceil(oids.length / 2)
    if (half < oids.length) {
      await tryLargeObjects(session, oids.slice(0, half), refused)
      await tryLargeObjects(session, oids.slice(half), refused)
    } else if (sqlState(error) === '42501') refused.push(...oids)
  }
}
