import { LifeboatError } from '../errors.ts'
import type { TocEntry } from './table-of-contents.ts'

/** What of an archive is restored, and what is left out, with the reason. */
export interface ChosenEntries {
  readonly entries: readonly TocEntry[]
  readonly skipped: readonly { readonly entry: TocEntry; readonly reason: string }[]
  /** Relations that a pattern asked for, with their partitions; absent where everything is restored. */
  readonly asked?: ReadonlySet<TocEntry>
}

/** What the role may do on the target, found before anything is restored. */
export interface TargetRights {
  readonly superuser: boolean
  /** Names of extensions that are there already. */
  readonly extensions: readonly string[]
}

/**
 * Leaves out what would fail or do harm: subscriptions always (one that is restored takes the changes meant for the
 * original, and dropping it drops the original's slot), and on a managed server what only a superuser may create.
 */
export function withoutForbidden(entries: readonly TocEntry[], rights: TargetRights): ChosenEntries {
  const reasons = new Map(entries.map((entry) => [entry, reasonToSkip(entry, rights)]))
  // What belongs to something that is left out goes with it.
  const out = new Set([...reasons].flatMap(([{ id }, reason]) => (reason === undefined ? [] : [id])))
  const skipped = [...reasons].flatMap(([entry, reason]) => {
    const why =
      reason ??
      (isAttached(entry) && entry.needs.some((id) => out.has(id))
        ? 'what it belongs to is left out'
        : undefined)
    return why === undefined ? [] : [{ entry, reason: why }]
  })
  const left = new Set(skipped.map(({ entry }) => entry))
  return { entries: entries.filter((entry) => !left.has(entry)), skipped }
}

const SUPERUSERS_ONLY = new Set([
  'FOREIGN DATA WRAPPER',
  'EVENT TRIGGER',
  'ACCESS METHOD',
  'PROCEDURAL LANGUAGE',
])

function reasonToSkip(entry: TocEntry, { superuser, extensions }: TargetRights): string | undefined {
  const { kind, name, definition } = entry
  if (kind === 'SUBSCRIPTION') return 'it would take the changes that are meant for the original'
  if (superuser) return undefined
  if (SUPERUSERS_ONLY.has(kind)) return 'only a superuser may create it'
  if (kind === 'COMMENT' && name.startsWith('EXTENSION '))
    return 'only the owner of the extension may change it'
  if (kind === 'EXTENSION' && extensions.includes(name)) return 'it is there already'
  if (kind === 'PUBLICATION' && /FOR (ALL TABLES|TABLES IN SCHEMA)/.test(definition))
    return 'only a superuser may publish all tables'
  return undefined
}

/** Kinds that are part of what they need, and nothing without it. */
const ATTACHED = new Set([
  'TABLE DATA',
  'MATERIALIZED VIEW DATA',
  'STATISTICS DATA',
  'DEFAULT',
  'CONSTRAINT',
  'CHECK CONSTRAINT',
  'FK CONSTRAINT',
  'INDEX',
  'INDEX ATTACH',
  'TABLE ATTACH',
  'TRIGGER',
  'RULE',
  'POLICY',
  'ROW SECURITY',
  'SEQUENCE OWNED BY',
  'SEQUENCE SET',
  'STATISTICS',
  'COMMENT',
  'ACL',
  'SECURITY LABEL',
  'PUBLICATION TABLE',
  'SUBSCRIPTION TABLE',
])

/** Relations: a key or a view that needs one that was not chosen cannot be restored. */
const RELATIONS = new Set(['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE', 'SEQUENCE'])

/** Settings of the archive itself, without which its entries mean something else. */
const PREAMBLE = new Set(['ENCODING', 'STDSTRINGS', 'SEARCHPATH'])

function isAttached({ kind }: TocEntry): boolean {
  return ATTACHED.has(kind)
}

/**
 * What `only` asks for (`public.orders`, `shop.*`, `orders` in any schema): tables, views and sequences with their rows,
 * keys, indexes, defaults, triggers, policies, comments and grants, and the types, functions, sequences, extensions and
 * schemas that those need. Keys to tables that were not chosen are left out, and said. Throws `input` where a pattern
 * matches nothing.
 */
export function chooseEntries(entries: readonly TocEntry[], patterns: readonly string[]): ChosenEntries {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const relations = entries.filter(({ kind }) => RELATIONS.has(kind))
  const chosen = new Set<TocEntry>()
  for (const pattern of patterns) {
    const matching = relations.filter((entry) => matches(entry, pattern))
    if (matching.length === 0) throw noMatch(pattern, relations)
    for (const entry of matching) chosen.add(entry)
  }
  const asked = new Set(chosen)
  const isLeftOut = (entry: TocEntry): boolean => RELATIONS.has(entry.kind) && !chosen.has(entry)
  const attachments = entries.filter(({ kind }) => kind === 'TABLE ATTACH')
  const skipped = new Map<TocEntry, string>()
  for (let before = -1; before < chosen.size;) {
    before = chosen.size
    for (const { needs, schema, name } of attachments) {
      // A partitioned table is its partitions.
      const tables = needs.flatMap((id) => byId.get(id) ?? []).filter(({ kind }) => kind === 'TABLE')
      const isPartition = (table: TocEntry): boolean => table.schema === schema && table.name === name
      const isWanted = tables.some((table) => !isPartition(table) && chosen.has(table))
      if (!isWanted) continue
      const isAsked = tables.some((table) => !isPartition(table) && asked.has(table))
      for (const partition of tables.filter(isPartition)) {
        chosen.add(partition)
        if (isAsked) asked.add(partition)
      }
    }
    for (const entry of entries) {
      if (chosen.has(entry)) {
        for (const need of neededBy(entry, byId)) chosen.add(need)
      } else if (isPartOf(entry, chosen, byId)) {
        const missing = entry.needs
          .map((id) => byId.get(id))
          .find((need) => need && isLeftOut(need) && need.kind !== 'SEQUENCE')
        if (missing === undefined) chosen.add(entry)
        else skipped.set(entry, `it needs ${missing.schema}.${missing.name}, which was not asked for`)
      }
    }
  }
  const schemas = new Set([...chosen].map(({ schema }) => schema))
  const whole = entries.filter(
    (entry) =>
      chosen.has(entry) || PREAMBLE.has(entry.kind) || (entry.kind === 'SCHEMA' && schemas.has(entry.name)),
  )
  return {
    entries: whole,
    skipped: [...skipped]
      .filter(([entry]) => !chosen.has(entry))
      .map(([entry, reason]) => ({ entry, reason })),
    asked,
  }
}

/** What has to be made before it; not rows, which nothing needs to be made. */
function neededBy({ needs }: TocEntry, byId: ReadonlyMap<number, TocEntry>): TocEntry[] {
  return needs.flatMap((id) => byId.get(id) ?? []).filter(({ section }) => section === 'pre-data')
}

function isPartOf(
  entry: TocEntry,
  chosen: ReadonlySet<TocEntry>,
  byId: ReadonlyMap<number, TocEntry>,
): boolean {
  // An identity column's sequence is made by altering its table.
  if (!isAttached(entry) && entry.kind !== 'SEQUENCE') return false
  if (entry.kind === 'PUBLICATION TABLE' || entry.kind === 'SUBSCRIPTION TABLE') return false
  const owners = entry.needs.flatMap((id) => byId.get(id) ?? [])
  if (entry.kind === 'FK CONSTRAINT') {
    const table = /^\s*ALTER TABLE (?:ONLY )?(\S.*?)\s+ADD CONSTRAINT/s.exec(entry.definition)?.[1] ?? ''
    return owners.some((owner) => chosen.has(owner) && owner.kind === 'TABLE' && isNamed(owner, table))
  }
  return owners.some((owner) => chosen.has(owner) && (RELATIONS.has(owner.kind) || isAttached(owner)))
}

/** `table` as pg_dump writes it: quoted where it has to be. */
function isNamed({ schema, name }: TocEntry, table: string): boolean {
  const bare = (text: string): string => text.replaceAll('"', '')
  return bare(table) === bare(`${schema}.${name}`)
}

function matches({ schema, name }: TocEntry, pattern: string): boolean {
  const dot = pattern.indexOf('.')
  const [inSchema, called] = dot < 0 ? ['*', pattern] : [pattern.slice(0, dot), pattern.slice(dot + 1)]
  return glob(inSchema).test(schema) && glob(called).test(name)
}

/** `*` stands for anything; everything else for itself. */
function glob(text: string): RegExp {
  const escaped = text.replaceAll('"', '').replace(/[\\^$.+?()[\]{}|]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`, 'su')
}

function noMatch(pattern: string, relations: readonly TocEntry[]): LifeboatError {
  const names = relations.slice(0, 10).map(({ schema, name }) => `${schema}.${name}`)
  const more = relations.length > names.length ? `, and ${relations.length - names.length} more` : ''
  return new LifeboatError('input', `only: nothing in the backup is called ${pattern}.`, {
    hint: `There are ${names.join(', ')}${more}. Write schema.table, or schema.* for all of a schema.`,
  })
}
