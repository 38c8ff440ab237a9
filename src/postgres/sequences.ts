import type { SequenceInterval } from './contents.ts'
import { HAS_DUMPED_CONTENTS } from './extension-rows.ts'
import { literal, qualified } from './identifier.ts'
import type { Connection } from './connection.ts'
import { openSession, sqlState, type Session } from './session.ts'

export interface SequenceValue {
  readonly schema: string
  readonly name: string
  /** As text: a bigint. */
  readonly value: string
  readonly called: boolean
}

const SEQUENCES_PER_QUERY = 200
/** How often the list is read again because one of them went while they were read. */
const ATTEMPTS = 5

/**
 * Where every sequence stands now: they ignore snapshots, ours as well as pg_dump's, and nothing locks them. So this
 * looks from a session of its own, outside the snapshot, and looks again when one was dropped under its eyes.
 */
export async function readSequences(connection: Connection, signal: AbortSignal): Promise<SequenceValue[]> {
  await using session = await openSession(connection, signal)
  for (let attempt = 1; ; attempt++) {
    try {
      return await readAll(session)
    } catch (error) {
      if (sqlState(error) !== UNDEFINED_TABLE || attempt === ATTEMPTS) throw error
    }
  }
}

const UNDEFINED_TABLE = '42P01'

async function readAll(session: Session): Promise<SequenceValue[]> {
  const sequences = await session.query(`
    SELECT n.nspname AS schema, c.relname AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND ${HAS_DUMPED_CONTENTS}
      -- A standby has no values of unlogged ones, and so pg_dump does not look at them there.
      AND NOT (c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery())
    ORDER BY n.nspname, c.relname`)
  const values: SequenceValue[] = []
  for (let start = 0; start < sequences.length; start += SEQUENCES_PER_QUERY) {
    const parts = sequences.slice(start, start + SEQUENCES_PER_QUERY).map(({ schema, name }) => {
      const [inSchema, called] = [schema ?? '', name ?? '']
      return `SELECT ${literal(inSchema)} AS schema, ${literal(called)} AS name, last_value, is_called
              FROM ${qualified(inSchema, called)}`
    })
    for (const row of await session.query(parts.join(' UNION ALL '))) {
      values.push({
        schema: row.schema ?? '',
        name: row.name ?? '',
        value: row.last_value ?? '0',
        called: row.is_called === 't',
      })
    }
  }
  return values
}

/** Joins what was read before the dump with what was read after it. One that went meanwhile is left out. */
export function sequenceIntervals(
  before: readonly SequenceValue[],
  after: readonly SequenceValue[],
): SequenceInterval[] {
  const later = new Map(after.map((sequence) => [JSON.stringify([sequence.schema, sequence.name]), sequence]))
  return before.flatMap((first) => {
    const last = later.get(JSON.stringify([first.schema, first.name]))
    if (!last) return []
    const { schema, name } = first
    return [
      {
        schema,
        name,
        before: first.value,
        after: last.value,
        calledBefore: first.called,
        calledAfter: last.called,
      },
    ]
  })
}
