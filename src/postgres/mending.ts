import { describeEntry, type Complaint } from './complaints.ts'
import { identifier } from './identifier.ts'
import type { TocEntry } from './table-of-contents.ts'

const SHOWN = 5

/**
 * What to do about a database that does not restore as it is: the bytes are whole, so another backup of it would fail in
 * the same way. Names the statement that mends the source, where the complaint tells which.
 */
export function mending(faults: readonly Complaint[], entries: readonly TocEntry[]): string {
  const cures = [...new Set(faults.flatMap((fault) => cureOf(fault, entries) ?? []))]
  const more = cures.length > SHOWN ? [`And ${cures.length - SHOWN} more like these.`] : []
  return [
    'The bytes are whole: a new backup of the same database does not restore either. Mend the source, then back it up and verify it.',
    ...cures.slice(0, SHOWN),
    ...more,
    'Until then `restore` brings everything else, and names what it could not.',
  ].join(' ')
}

function cureOf(fault: Complaint, entries: readonly TocEntry[]): string | undefined {
  const { entry, message } = fault
  return (
    (fault.kind === 'absent' ? searchPathCure(fault, entries) : undefined) ??
    checkCure(entry, message) ??
    (entry?.kind === 'FK CONSTRAINT' && /violates foreign key constraint/.test(message)
      ? `Rows of the source break the key ${describeEntry(entry)}: remove or mend them there, or make the key NOT VALID.`
      : undefined) ??
    (entry !== undefined && /^ERROR: +could not create unique index /.test(message)
      ? `The source has rows twice that an index says are there once (${describeEntry(entry)}): REINDEX it there, which names them.`
      : undefined)
  )
}

/** A dump restores with an empty search_path: functions that look for something along theirs do not find it. */
function searchPathCure({ entry, message }: Complaint, entries: readonly TocEntry[]): string | undefined {
  const called =
    /^(?:CONTEXT: +)?SQL function "([^"]+)"/m.exec(message)?.[1] ??
    /^(?:CONTEXT: +)?PL\/pgSQL function (?:[^ (]+\.)?([^ (.]+)\(/m.exec(message)?.[1]
  if (called === undefined) return undefined
  const functions = entries.filter(({ kind, name }) => kind === 'FUNCTION' && name.startsWith(`${called}(`))
  const schemas = new Set(functions.map(({ schema }) => schema))
  for (const { kind, definition } of entries) {
    const schema = kind === 'EXTENSION' ? / WITH SCHEMA ([^;]+);/.exec(definition)?.[1] : undefined
    if (schema !== undefined) schemas.add(schema.replaceAll('"', ''))
  }
  const path = [...schemas, 'pg_catalog'].map(identifier).join(', ')
  if (functions.length > 0) {
    const statements = functions.map(({ schema, name }) => {
      return `ALTER FUNCTION ${identifier(schema)}.${identifier(called)}${name.slice(called.length)} SET search_path = ${path};`
    })
    return `The function ${called} finds what it calls only along a search_path, and a restore has none: ${statements.join(' ')}`
  }
  const statement = entry === undefined || entry.definition === '' ? '' : ` ${entry.definition.trim()}`
  return (
    `The function ${called} of an extension finds what it calls only along a search_path, and a restore has none: update the ` +
    `extension (ALTER EXTENSION … UPDATE), or after a restore: SET search_path = ${path};${statement}`
  )
}

function checkCure(entry: TocEntry | undefined, message: string): string | undefined {
  const [, constraint] = / violates check constraint "([^"]+)"/.exec(message.split('\n')[0] ?? '') ?? []
  if (entry?.kind !== 'TABLE DATA' || constraint === undefined) return undefined
  const table = `${identifier(entry.schema)}.${identifier(entry.name)}`
  return (
    `Rows of ${describeEntry(entry)} do not hold against ${constraint} while they are restored: ` +
    `ALTER TABLE ${table} DROP CONSTRAINT ${identifier(constraint)}; then add it again with NOT VALID, which a restore does not ask of rows that are there.`
  )
}
