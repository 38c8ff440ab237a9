import type { ValueType } from './json-value.ts'
import type { Session } from './session.ts'

/** A type that a query gives, or why its values cannot be written. */
export type FoundType = ValueType | { readonly kind: 'none'; readonly name: string }

/**
 * Looks the types up, and what they are made of: elements of arrays, fields of rows, what a domain is based on. The
 * catalog is read once for each level of that.
 */
export async function loadTypes(
  session: Session,
  oids: readonly number[],
): Promise<ReadonlyMap<number, FoundType>> {
  const known = new Map<number, CatalogType>()
  let wanted = [...new Set(oids)]
  while (wanted.length > 0) {
    for (const type of await readCatalog(session, wanted)) known.set(type.oid, type)
    const below = wanted.flatMap((oid) => partsOf(known.get(oid)))
    wanted = [...new Set(below)].filter((oid) => !known.has(oid))
  }
  return new Map(oids.map((oid) => [oid, build(oid, known)]))
}

interface CatalogType {
  readonly oid: number
  readonly name: string
  /** `b`ase, `c`omposite, `d`omain, `p`seudo and others. */
  readonly kind: string
  readonly base: number
  /** Of an array; 0 for everything else. */
  readonly element: number
  readonly delimiter: string
  readonly fields: readonly { readonly name: string; readonly type: number }[]
}

async function readCatalog(session: Session, oids: readonly number[]): Promise<CatalogType[]> {
  // int2vector and its like have elements, too, but another text form: a real array is what its element names.
  const rows = await session.query(`
    SELECT t.oid, pg_catalog.format_type(t.oid, NULL) AS name, t.typtype AS kind, t.typbasetype AS base,
           coalesce(e.oid, 0) AS element, coalesce(e.typdelim, ',') AS delimiter,
           (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', a.atttypid::int8)
                                       ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = t.typrelid AND t.typtype = 'c' AND a.attnum > 0 AND NOT a.attisdropped) AS fields
    FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.typarray = t.oid
    WHERE t.oid IN (${oids.map(Number).join(', ')})`)
  return rows.map((row) => ({
    oid: Number(row['oid']),
    name: row['name'] ?? '',
    kind: row['kind'] ?? '',
    base: Number(row['base']),
    element: Number(row['element']),
    delimiter: row['delimiter'] ?? ',',
    fields: JSON.parse(row['fields'] ?? '[]') as CatalogType['fields'],
  }))
}

function partsOf(type: CatalogType | undefined): number[] {
  if (!type) return []
  return [type.base, type.element, ...type.fields.map((field) => field.type)].filter((oid) => oid !== 0)
}

function build(oid: number, known: ReadonlyMap<number, CatalogType>): FoundType {
  const type = known.get(oid)
  if (!type || type.kind === 'p') return { kind: 'none', name: type?.name ?? `type ${oid}` }
  if (type.base !== 0) return build(type.base, known)
  if (type.element !== 0) {
    const element = build(type.element, known)
    return element.kind === 'none' ? element : { kind: 'array', element, delimiter: type.delimiter }
  }
  if (type.kind !== 'c') return { kind: 'plain', oid }
  const fields = type.fields.map((field) => ({ name: field.name, type: build(field.type, known) }))
  const nameless = fields.find((field) => field.type.kind === 'none')
  if (nameless?.type.kind === 'none') return nameless.type
  return { kind: 'row', fields: fields as Extract<ValueType, { kind: 'row' }>['fields'] }
}
