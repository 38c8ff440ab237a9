import { LifeboatError } from '../errors.ts'

/** One line of `pg_restore --list`. */
export interface TocEntry {
  /** What `pg_restore -L` knows it by. */
  readonly id: number
  /** `TABLE DATA`, `EVENT TRIGGER`, … */
  readonly class: string
  /** Schema, name and owner as pg_restore prints them. Names may hold spaces: for people and comparisons only. */
  readonly label: string
}

/** Classes of several words, longest first. */
const LONG_CLASSES = [
  'PUBLICATION TABLES IN SCHEMA',
  'TEXT SEARCH CONFIGURATION',
  'TEXT SEARCH DICTIONARY',
  'MATERIALIZED VIEW DATA',
  'TEXT SEARCH TEMPLATE',
  'FOREIGN DATA WRAPPER',
  'DATABASE PROPERTIES',
  'PROCEDURAL LANGUAGE',
  'SUBSCRIPTION TABLE',
  'TEXT SEARCH PARSER',
  'PUBLICATION TABLE',
  'SEQUENCE OWNED BY',
  'MATERIALIZED VIEW',
  'CHECK CONSTRAINT',
  'OPERATOR FAMILY',
  'STATISTICS DATA',
  'OPERATOR CLASS',
  'SECURITY LABEL',
  'ACCESS METHOD',
  'BLOB METADATA',
  'EVENT TRIGGER',
  'FK CONSTRAINT',
  'FOREIGN TABLE',
  'INDEX ATTACH',
  'ROW SECURITY',
  'SEQUENCE SET',
  'TABLE ATTACH',
  'USER MAPPING',
  'DEFAULT ACL',
  'SHELL TYPE',
  'TABLE DATA',
]

/** Reads what `pg_restore --list` prints. Throws `damaged` where it is none. */
export function parseToc(listing: string): TocEntry[] {
  const entries = listing.split('\n').flatMap((line): TocEntry[] => {
    const match = /^(\d+); \d+ \d+ (.+)$/.exec(line)
    if (!match) return []
    const [, id = '', rest = ''] = match
    const long = LONG_CLASSES.find((each) => rest.startsWith(`${each} `))
    const kind = long ?? rest.slice(0, rest.indexOf(' '))
    return [{ id: Number(id), class: kind, label: rest.slice(kind.length + 1) }]
  })
  if (entries.length > 0 || /^; +TOC Entries: \d+/m.test(listing)) return entries
  throw new LifeboatError('damaged', 'The archive has no table of contents that pg_restore can read.')
}

/** In which order entries are restored. */
export type RestoreStep = 'schemas' | 'extensions' | 'main' | 'acl' | 'views'

/** What an archive's entries become. */
export interface TocPlan {
  readonly steps: Readonly<Record<RestoreStep, readonly TocEntry[]>>
  /** What is not restored, class to number, and why. */
  readonly leftOut: readonly { readonly class: string; readonly count: number; readonly why: string }[]
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
export function planRestore(entries: readonly TocEntry[], { acl }: { readonly acl: boolean }): TocPlan {
  const steps: Record<RestoreStep, TocEntry[]> = { schemas: [], extensions: [], main: [], acl: [], views: [] }
  const counts = new Map<string, TocPlan['leftOut'][number]>()
  for (const entry of entries) {
    const step = stepOf(entry)
    const why =
      reasonAgainst(entry) ?? (step === 'acl' && !acl ? "the server's roles are not ours" : undefined)
    if (why === undefined) {
      steps[step].push(entry)
      continue
    }
    const key = `${entry.class}\n${why}`
    counts.set(key, { class: entry.class, count: (counts.get(key)?.count ?? 0) + 1, why })
  }
  return { steps, leftOut: [...counts.values()] }
}

/** How many entries of a class an archive has. */
export function countClass(entries: readonly TocEntry[], kind: string): number {
  return entries.filter((entry) => entry.class === kind).length
}

/** What `pg_restore -L` reads. */
export function renderList(entries: readonly TocEntry[]): string {
  return entries.map(({ id }) => `${id};\n`).join('')
}

function stepOf({ class: kind }: TocEntry): RestoreStep {
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
function reasonAgainst({ class: kind, label }: TocEntry): string | undefined {
  if (kind === 'COMMENT' || kind === 'ACL') {
    if (/^- (EXTENSION|DATABASE) /.test(label)) return "it is the server's own to say"
    const target = Object.keys(LEFT_OUT).find((each) => label.startsWith(`- ${each} `))
    if (target !== undefined) return LEFT_OUT[target]
  }
  return LEFT_OUT[kind]
}
