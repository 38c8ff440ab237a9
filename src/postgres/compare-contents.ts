import type { Finding } from '../catalog/verification.ts'
import type { Contents, SequenceInterval, TableContents } from './contents.ts'
import type { SequenceValue } from './sequences.ts'

export interface Comparison {
  readonly differences: readonly Finding[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** What a restored copy holds, read as the fingerprint was. */
export interface FoundContents {
  readonly tables: readonly TableContents[]
  readonly largeObjects: Contents['largeObjects']
  readonly sequences: readonly FoundSequence[]
  readonly objects: Contents['objects']
  readonly extensions: Contents['extensions']
}

export interface FoundSequence extends SequenceValue {
  readonly cycles: boolean
}

/** Classes that are counted in the archive instead, because a copy must not have them. */
const COUNTED_IN_ARCHIVE: Readonly<Record<string, string>> = {
  publication: 'PUBLICATION',
  'event trigger': 'EVENT TRIGGER',
}

/**
 * Compares a restored copy with what the snapshot held. `inArchive` counts the archive's entries of a kind, as
 * `pg_restore --list` calls it. With `isPartial` some of it could not be restored: then fewer objects are no difference.
 */
export function compareContents(
  expected: Contents,
  found: FoundContents,
  { inArchive, isPartial = false }: { inArchive: (kind: string) => number; isPartial?: boolean },
): Comparison {
  const extensions = compareExtensions(expected.extensions, found.extensions)
  return {
    differences: [
      ...compareTables(expected, found.tables),
      ...compareLargeObjects(expected.largeObjects, found.largeObjects),
      ...compareSequences(expected.sequences, found.sequences),
      ...compareObjects(expected.objects, found.objects, { inArchive, isPartial }),
      ...extensions.differences,
    ],
    warnings: extensions.warnings,
    notes: [],
  }
}

function compareTables({ tables, fingerprint }: Contents, found: readonly TableContents[]): Finding[] {
  const keyOf = ({ schema, name }: { schema: string; name: string }): string => JSON.stringify([schema, name])
  const seen = new Map(found.map((table) => [keyOf(table), table]))
  const wanted = new Set(tables.map(keyOf))
  const differences = tables.flatMap((table): Finding[] => {
    const copy = seen.get(keyOf(table))
    const whose = table.extension === undefined ? '' : ` (configuration of extension ${table.extension})`
    const what = `table ${table.schema}.${table.name}${whose}`
    if (!copy) return [{ what, expected: rowsOf(table), found: 'no such table' }]
    if (table.columns.join('\0') !== copy.columns.join('\0')) {
      return [
        {
          what,
          expected: `columns ${table.columns.join(', ')}`,
          found: `columns ${copy.columns.join(', ')}`,
        },
      ]
    }
    if (fingerprint === 'none') return []
    if (table.rows !== copy.rows) return [{ what, expected: rowsOf(table), found: rowsOf(copy) }]
    if (fingerprint === 'digest' && table.digest !== copy.digest) {
      return [{ what, expected: `digest ${table.digest ?? ''}`, found: `digest ${copy.digest ?? ''}` }]
    }
    return []
  })
  const extra = found
    // One that another version of an extension has made.
    .filter((table) => table.extension === undefined && !wanted.has(keyOf(table)))
    .map((table): Finding => {
      return { what: `table ${table.schema}.${table.name}`, expected: 'no such table', found: rowsOf(table) }
    })
  // What nobody expected says more than what is missing.
  return [...extra, ...differences]
}

function rowsOf({ rows }: Pick<TableContents, 'rows'>): string {
  return rows === null ? 'a table' : `${rows} rows`
}

function compareLargeObjects(expected: Contents['largeObjects'], found: Contents['largeObjects']): Finding[] {
  const what = 'large objects'
  if (expected.objects !== found.objects) {
    return [{ what, expected: String(expected.objects), found: String(found.objects) }]
  }
  if (expected.digest === null) return []
  if (expected.bytes !== found.bytes) {
    return [{ what, expected: `${expected.bytes ?? '?'} bytes`, found: `${found.bytes ?? '?'} bytes` }]
  }
  if (expected.digest === found.digest) return []
  return [{ what, expected: `digest ${expected.digest}`, found: `digest ${found.digest ?? ''}` }]
}

/** Sequences move while a dump is made: the copy lies between what was read before it and after it. */
function compareSequences(expected: readonly SequenceInterval[], found: readonly FoundSequence[]): Finding[] {
  const seen = new Map(found.map((each) => [JSON.stringify([each.schema, each.name]), each]))
  return expected.flatMap((interval): Finding[] => {
    const what = `sequence ${interval.schema}.${interval.name}`
    const copy = seen.get(JSON.stringify([interval.schema, interval.name]))
    const wanted =
      interval.before === interval.after ? interval.before : `${interval.before} to ${interval.after}`
    if (!copy) return [{ what, expected: wanted, found: 'no such sequence' }]
    return isInside(interval, copy) ? [] : [{ what, expected: wanted, found: copy.value }]
  })
}

function isInside(interval: SequenceInterval, copy: FoundSequence): boolean {
  const [before, after, value] = [BigInt(interval.before), BigInt(interval.after), BigInt(copy.value)]
  if (before === after) {
    if (interval.calledBefore === interval.calledAfter) {
      return value === before && copy.called === interval.calledBefore
    }
    return value === before
  }
  // One that begins anew at its end may have done so in between.
  if (copy.cycles) return true
  return before < after ? before <= value && value <= after : after <= value && value <= before
}

function compareObjects(
  expected: Contents['objects'],
  found: Contents['objects'],
  { inArchive, isPartial }: { inArchive: (kind: string) => number; isPartial: boolean },
): Finding[] {
  const keyOf = (entry: Contents['objects'][number]): string => JSON.stringify([entry.class, entry.schema])
  const counts = new Map(found.map((entry) => [keyOf(entry), entry.count]))
  const wanted = new Set(expected.map(keyOf))
  const all = [
    ...expected,
    ...found.filter((entry) => !wanted.has(keyOf(entry))).map((entry) => ({ ...entry, count: 0 })),
  ]
  return all.flatMap((entry): Finding[] => {
    const counted = COUNTED_IN_ARCHIVE[entry.class]
    const there = counted === undefined ? (counts.get(keyOf(entry)) ?? 0) : inArchive(counted)
    if (there === entry.count || isPublicMadeAnew(entry, there, inArchive)) return []
    if (isPartial && there < entry.count) return []
    const place = entry.schema === '' ? '' : ` in schema ${entry.schema}`
    return [
      {
        what: `number of objects of class ${entry.class}${place}`,
        expected: String(entry.count),
        found: String(there),
      },
    ]
  })
}

/** A schema public that was dropped and made again counts in the source, and not in a copy, where the server made it. */
function isPublicMadeAnew(
  { class: kind, count }: Contents['objects'][number],
  there: number,
  inArchive: (kind: string) => number,
): boolean {
  return kind === 'schema' && there === count - 1 && inArchive('SCHEMA') === there
}

function compareExtensions(
  expected: Contents['extensions'],
  found: Contents['extensions'],
): { differences: Finding[]; warnings: string[] } {
  const versions = new Map(found.map(({ name, version }) => [name, version]))
  const differences = expected
    .filter(({ name }) => !versions.has(name))
    .map(({ name, version }): Finding => ({
      what: `extension ${name}`,
      expected: version,
      found: 'not installed',
    }))
  const warnings = expected.flatMap(({ name, version }) => {
    const there = versions.get(name)
    if (there === undefined || there === version) return []
    return [`Extension ${name} was ${version} in the source and is ${there} here: proved with that one.`]
  })
  return { differences, warnings }
}
