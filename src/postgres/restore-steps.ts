import type { TocEntry } from './table-of-contents.ts'

/**
 * In which order entries are restored, by a verification and by a restore. `main` makes everything, with its rows and
 * indexes. `guards` act upon rows that come, so that before them rows which failed can be tried again. Views are refreshed
 * with the grants that it takes, and event triggers, which would see all that, come last.
 */
export type Phase = 'main' | 'guards' | 'acl' | 'views' | 'event-triggers'

/** In a verification a superuser makes extensions, and the schemas that they want; and there are no event triggers. */
export type RestoreStep = 'schemas' | 'extensions' | Exclude<Phase, 'event-triggers'>

/** What an archive's entries become. */
export interface RestoreSteps {
  readonly steps: Readonly<Record<RestoreStep, readonly TocEntry[]>>
  /** What is not restored, and why. */
  readonly leftOut: readonly { readonly entry: TocEntry; readonly why: string }[]
}

const OUTSIDE = 'it would reach other servers'
const SUPERUSER = 'only a superuser may create it'
/** Everything else is restored by a role that is no superuser. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  PUBLICATION: OUTSIDE,
  'PUBLICATION TABLE': OUTSIDE,
  'PUBLICATION TABLES IN SCHEMA': OUTSIDE,
  SUBSCRIPTION: OUTSIDE,
  'SUBSCRIPTION TABLE': OUTSIDE,
  'EVENT TRIGGER': SUPERUSER,
  'FOREIGN DATA WRAPPER': SUPERUSER,
  'ACCESS METHOD': SUPERUSER,
  'PROCEDURAL LANGUAGE': SUPERUSER,
  'SECURITY LABEL': SUPERUSER,
  'TEXT SEARCH PARSER': SUPERUSER,
  'TEXT SEARCH TEMPLATE': SUPERUSER,
  TRANSFORM: SUPERUSER,
  DATABASE: 'the database is created as the manifest describes it',
  'DATABASE PROPERTIES': 'the settings of the database come from the globals',
}

/** Sorts an archive's entries into steps. Without `acl` no grants are made: the server's roles are not ours. */
export function planSteps(entries: readonly TocEntry[], { acl }: { readonly acl: boolean }): RestoreSteps {
  const steps: Record<RestoreStep, TocEntry[]> = {
    schemas: [],
    extensions: [],
    main: [],
    guards: [],
    acl: [],
    views: [],
  }
  const phases = phasesOf(entries)
  const wanted = new Set(entries.flatMap((entry) => wantedExtension(entry)?.schema ?? []))
  const leftOut: RestoreSteps['leftOut'][number][] = []
  for (const entry of entries) {
    const step = stepOf(entry, phases, wanted)
    const why =
      reasonAgainst(entry) ?? (step === 'acl' && !acl ? "the server's roles are not ours" : undefined)
    if (why !== undefined) leftOut.push({ entry, why })
    else if (step === 'event-triggers') leftOut.push({ entry, why: SUPERUSER })
    else steps[step].push(entry)
  }
  return { steps, leftOut }
}

/** How many entries of a kind an archive has. */
export function countKind(entries: readonly TocEntry[], kind: string): number {
  return entries.filter((entry) => entry.kind === kind).length
}

/** By id. Comments and labels have no section of their own: they go with what they are about. */
export function sectionsOf(entries: readonly TocEntry[]): ReadonlyMap<number, TocEntry['section']> {
  const order = ['none', 'pre-data', 'data', 'post-data'] as const
  const own = new Map(entries.map(({ id, section }) => [id, section]))
  return new Map(
    entries.map(({ id, section, needs }) => {
      if (section !== 'none') return [id, section]
      const latest = Math.max(1, ...needs.map((need) => order.indexOf(own.get(need) ?? 'none')))
      return [id, order[latest] ?? 'pre-data']
    }),
  )
}

/** What refuses, changes or answers rows that come, in the order in which pg_dump makes it: after all that is `main`. */
const GUARDS = new Set(['CHECK CONSTRAINT', 'FK CONSTRAINT', 'POLICY', 'ROW SECURITY', 'RULE', 'TRIGGER'])

/** By id. What needs an entry (its comment, say) is not restored before it. */
export function phasesOf(entries: readonly TocEntry[]): ReadonlyMap<number, Phase> {
  const phases = new Map<number, Phase>()
  const LATEST_FIRST = ['event-triggers', 'views', 'guards'] as const
  for (const { id, kind, needs } of entries) {
    const own = ownPhase(kind)
    const isOf = (phase: Phase): boolean => phase === own || needs.some((need) => phases.get(need) === phase)
    phases.set(id, own === 'acl' ? own : (LATEST_FIRST.find(isOf) ?? own))
  }
  return phases
}

function ownPhase(kind: string): Phase {
  if (isGrant(kind)) return 'acl'
  if (kind === 'EVENT TRIGGER') return 'event-triggers'
  if (kind === 'MATERIALIZED VIEW DATA') return 'views'
  return GUARDS.has(kind) ? 'guards' : 'main'
}

export function isGrant(kind: string): boolean {
  return kind === 'ACL' || kind === 'DEFAULT ACL'
}

function stepOf(
  { id, kind, name }: TocEntry,
  phases: ReadonlyMap<number, Phase>,
  wanted: ReadonlySet<string>,
): RestoreStep | Phase {
  if (kind === 'EXTENSION') return 'extensions'
  // Every new database has a schema public; the archive may say whose it is.
  if (kind === 'SCHEMA' && name !== 'public' && wanted.has(name)) return 'schemas'
  return phases.get(id) ?? 'main'
}

const NAME = '("(?:[^"]|"")*"|[a-z_][a-z0-9_$]*)'
const CREATE_EXTENSION = new RegExp(`^CREATE EXTENSION IF NOT EXISTS ${NAME} WITH SCHEMA ${NAME};$`)

/** What an entry says of an extension, as names: its SQL is never run. Undefined where it says something else. */
export function wantedExtension({
  kind,
  definition,
}: TocEntry): { readonly name: string; readonly schema: string } | undefined {
  const [, name, schema] = (kind === 'EXTENSION' && CREATE_EXTENSION.exec(definition.trim())) || []
  return name === undefined || schema === undefined
    ? undefined
    : { name: unquoted(name), schema: unquoted(schema) }
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/** A comment on something that is left out has nothing to stand on. */
function reasonAgainst({ kind, schema, name }: TocEntry): string | undefined {
  if ((kind === 'COMMENT' || kind === 'ACL') && schema === '') {
    if (/^(EXTENSION|DATABASE) /.test(name)) return "it is the server's own to say"
    const target = Object.keys(LEFT_OUT).find((each) => name.startsWith(`${each} `))
    if (target !== undefined) return LEFT_OUT[target]
  }
  return LEFT_OUT[kind]
}
