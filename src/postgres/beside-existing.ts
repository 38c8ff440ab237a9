import { LifeboatError } from '../errors.ts'
import { describeEntry } from './complaints.ts'
import { nameKey, nameOf, type ExistingObjects } from './existing-objects.ts'
import type { ChosenEntries } from './choose-entries.ts'
import type { TocEntry } from './table-of-contents.ts'

const TABLES = new Set(['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE'])
/** What joins two tables changes both. */
const JOINS = new Set(['TABLE ATTACH', 'INDEX ATTACH', 'FK CONSTRAINT'])
/** Whether they are there is nobody's question: they are made where they are not. */
const UNTOLD = new Set(['SCHEMA', 'EXTENSION'])

/**
 * Of what `only` asks for, what can be restored without touching anything that is there. What is needed and there already
 * (types, functions, sequences, tables that a view reads) is left as it is, with all that would alter it, and told.
 * Throws `input` where a table is there already, or where something else has the name of one of its indexes, keys,
 * statistics or identity sequences: without those it would not be what it was.
 */
export function besideExisting(
  { entries, skipped, asked }: ChosenEntries,
  existing: ExistingObjects,
  database: string,
): ChosenEntries {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const isAsked = (entry: TocEntry): boolean => asked?.has(entry) === true
  const there = entries.filter(
    (entry) => TABLES.has(entry.kind) && isAsked(entry) && isThere(entry, existing),
  )
  const kept = new Map<TocEntry, string>()
  for (const entry of entries) {
    if (isNeededOnly(entry, isAsked) && isThere(entry, existing)) kept.set(entry, 'it is there already')
  }
  const isKept = (entry: TocEntry): boolean => kept.has(entry)
  for (let before = -1; before < kept.size;) {
    before = kept.size
    for (const entry of entries) {
      const needs = entry.needs.flatMap((id) => byId.get(id) ?? [])
      const altered = JOINS.has(entry.kind)
        ? needs.find((need) => isKept(need) && (TABLES.has(need.kind) || need.kind === 'INDEX'))
        : belongsTo(entry, needs)
      if (!isKept(entry) && altered && isKept(altered))
        kept.set(entry, `${describeEntry(altered)} is there already`)
    }
  }
  const rest = entries.filter((entry) => !isKept(entry))
  const clashes = [
    ...rest.flatMap((entry) => clashOf(entry, byId, existing) ?? []),
    ...entries.filter(isOwning).flatMap((entry) => strangers(entry, existing)),
  ]
  if (there.length > 0 || clashes.length > 0) throw taken(there, clashes, database)
  if (!rest.some(isAsked)) throw taken(entries.filter(isAsked), [], database)
  const told = [...kept].filter(([{ kind }, reason]) => !UNTOLD.has(kind) && isTold(kind, reason))
  return {
    entries: rest,
    skipped: [
      ...skipped,
      ...told.map(([entry, reason]) => ({ entry, reason: `${reason}, and was left as it is` })),
    ],
  }
}

/** Rows and values of what is left alone go without saying; a key that is not made does not. */
function isTold(kind: string, reason: string): boolean {
  return reason === 'it is there already' || JOINS.has(kind)
}

function isThere(entry: TocEntry, existing: ExistingObjects): boolean {
  const name = nameOf(entry)
  const found = name === undefined ? undefined : existing.get(name)
  if (!found) return false
  // Something else of that name is no such thing.
  return !TABLES.has(entry.kind) && entry.kind !== 'SEQUENCE' ? true : found.kind === entry.kind.toLowerCase()
}

/** Not what somebody asked for, nor a part of it that it is nothing without. */
function isNeededOnly(entry: TocEntry, isAsked: (entry: TocEntry) => boolean): boolean {
  if (TABLES.has(entry.kind)) return !isAsked(entry)
  if (entry.kind === 'INDEX' || entry.kind === 'STATISTICS') return false
  return entry.kind !== 'SEQUENCE' || /^\s*CREATE (UNLOGGED )?SEQUENCE /.test(entry.definition)
}

/** What an entry alters: the tables of keys and triggers, the sequence of a value. */
function belongsTo({ kind, schema, name }: TocEntry, needs: readonly TocEntry[]): TocEntry | undefined {
  if (['COMMENT', 'ACL', 'SECURITY LABEL', 'INDEX', 'STATISTICS'].includes(kind)) {
    return needs.find(({ kind: needed }) => TABLES.has(needed)) ?? needs[0]
  }
  if (
    TABLES.has(kind) ||
    !/DATA$|^SEQUENCE |CONSTRAINT$|^(DEFAULT|TRIGGER|RULE|POLICY|ROW SECURITY)$/.test(kind)
  ) {
    return undefined
  }
  return needs
    .filter((need) => need.schema === schema && (name === need.name || name.startsWith(`${need.name} `)))
    .sort((a, b) => b.name.length - a.name.length)[0]
}

/** What has a name that restoring `entry` would give. */
function clashOf(
  entry: TocEntry,
  byId: ReadonlyMap<number, TocEntry>,
  existing: ExistingObjects,
): string | undefined {
  const { kind, schema, name, needs } = entry
  const told = (as: string, found: { kind: string; owner: string | null } | undefined): string | undefined =>
    found && `${found.kind} ${schema}.${as}${found.owner === null ? '' : ` (of ${found.owner})`}`
  if (kind === 'CONSTRAINT') {
    const table = belongsTo(
      entry,
      needs.flatMap((id) => byId.get(id) ?? []),
    )
    const index = table === undefined ? name : name.slice(table.name.length + 1)
    return told(index, existing.get(nameKey('relation', schema, index)))
  }
  if (kind === 'INDEX' || kind === 'STATISTICS' || kind === 'SEQUENCE') {
    const own = nameOf(entry)
    return own === undefined ? undefined : told(name, existing.get(own))
  }
  if (!TABLES.has(kind)) return undefined
  const found = existing.get(nameKey('relation', schema, name)) ?? existing.get(nameKey('type', schema, name))
  return found?.kind === kind.toLowerCase() ? undefined : told(name, found)
}

function isOwning({ kind }: TocEntry): boolean {
  return kind === 'SEQUENCE OWNED BY'
}

/** A sequence that belongs to another table than it did: dropping that one would take it along. */
function strangers({ schema, name, definition }: TocEntry, existing: ExistingObjects): string[] {
  const PART = '(?:"(?:[^"]|"")+"|[^".]+)'
  const table = new RegExp(`OWNED BY (${PART}\\.${PART})\\.${PART};`).exec(definition)?.[1] ?? ''
  const owner = existing.get(nameKey('relation', schema, name))?.owner ?? null
  return owner === null || owner === table.replaceAll('"', '')
    ? []
    : [`sequence ${schema}.${name} (of ${owner})`]
}

function taken(there: readonly TocEntry[], clashes: readonly string[], database: string): LifeboatError {
  const shown = (names: readonly string[]): string =>
    names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`
  const said = [
    ...(there.length > 0
      ? [`these are there already: ${shown(there.map(({ schema, name }) => `${schema}.${name}`))}`]
      : []),
    ...(clashes.length > 0
      ? [`these have names that the tables need for their parts: ${shown([...new Set(clashes)])}`]
      : []),
  ]
  return new LifeboatError('input', `only: ${said.join('; ')}. Nothing was touched.`, {
    hint:
      `Restore into an empty database beside "${database}" (CREATE DATABASE … TEMPLATE template0; give it as ` +
      'target-database-url and confirm) and copy from there what is missing: RUNBOOK_DR.md, "Bring rows back". ' +
      'To rename a table is not enough: its indexes, keys and sequences keep their names.',
  })
}
