import type { TocEntry } from './table-of-contents.ts'

/** In which order a verification restores entries. */
export type RestoreStep = 'schemas' | 'extensions' | 'main' | 'acl' | 'views'

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
  const steps: Record<RestoreStep, TocEntry[]> = { schemas: [], extensions: [], main: [], acl: [], views: [] }
  const leftOut: RestoreSteps['leftOut'][number][] = []
  for (const entry of entries) {
    const step = stepOf(entry)
    const why =
      reasonAgainst(entry) ?? (step === 'acl' && !acl ? "the server's roles are not ours" : undefined)
    if (why === undefined) steps[step].push(entry)
    else leftOut.push({ entry, why })
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

function stepOf({ kind }: TocEntry): RestoreStep {
  switch (kind) {
    case 'SCHEMA':
      return 'schemas'
    case 'EXTENSION':
      return 'extensions'
    case 'ACL':
    case 'DEFAULT ACL':
      return 'acl'
    case 'MATERIALIZED VIEW DATA':
      return 'views'
    default:
      return 'main'
  }
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
