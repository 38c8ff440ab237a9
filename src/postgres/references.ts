import type { Expectations } from '../catalog/expectations.ts'
import type { RungReport } from '../catalog/verification.ts'
import { identifier, qualified } from './identifier.ts'
import type { Session } from './session.ts'

export interface SweptReferences {
  readonly report: RungReport
  /** Rows whose reference leads nowhere, in everything that was swept. */
  readonly orphans: number
}

interface Reference {
  /** `shop.reviews.product_id` */
  readonly what: string
  /** The same for every reference of these columns to those, whatever says that it is one. */
  readonly path: string
  readonly kind: 'not-valid' | 'declared' | 'conventional'
  /** Counts the orphans. */
  readonly sql: string
  readonly most: number
}

const KINDS: Readonly<Record<Reference['kind'], string>> = {
  'not-valid': 'a NOT VALID key',
  declared: 'the expectations',
  conventional: 'its name',
}

/**
 * Counts rows whose reference leads nowhere: under foreign keys that are NOT VALID, which a restore accepts as they are,
 * under references that the expectations declare, and under columns that are called like one (`product_id`). Only
 * the declared ones can fail.
 */
export async function sweepReferences(
  session: Session,
  expectations: Expectations | undefined,
  orphansBefore: number | undefined,
): Promise<SweptReferences> {
  const references = eachOnce([
    ...declared(expectations),
    ...(await notValidKeys(session)),
    ...(await conventional(session)),
  ])
  const found: { reference: Reference; orphans: number }[] = []
  for (const reference of references) {
    const [row] = await session.query(reference.sql)
    found.push({ reference, orphans: Number(row?.orphans) })
  }
  // What two expectations declare is tried twice, and counted once.
  const perPath = new Map(found.map(({ reference, orphans: count }) => [reference.path, count]))
  const orphans = [...perPath.values()].reduce((sum, count) => sum + count, 0)
  const swept = `${references.length} references swept, ${orphans} orphans`
  const before = orphansBefore === undefined ? '' : `, ${orphansBefore} in the verification before`
  const grown = orphansBefore !== undefined && orphans > orphansBefore
  const broken = found.filter(({ reference, orphans: count }) => count > reference.most)
  const named = found.filter((each) => each.orphans > 0)
  return {
    orphans,
    report: {
      outcome: references.length === 0 ? 'skipped' : broken.length > 0 ? 'failed' : 'passed',
      summary: references.length === 0 ? 'No reference without a valid key.' : `${swept}${before}.`,
      findings: named.map(({ reference, orphans: count }) => ({
        what: `${reference.what} (a reference by ${KINDS[reference.kind]})`,
        expected: Number.isFinite(reference.most) ? `at most ${reference.most} orphans` : 'no orphans',
        found: `${count} orphans`,
      })),
      ...(grown && {
        warnings: [`There are ${orphans} orphans; the verification before counted ${orphansBefore}.`],
      }),
    },
  }
}

/** One that is known for two reasons is swept for the first: the expectations alone can fail it. */
function eachOnce(references: readonly Reference[]): Reference[] {
  const paths = new Set<string>()
  return references.filter(({ path, kind }) => {
    const isNew = !paths.has(path)
    paths.add(path)
    return isNew || kind === 'declared'
  })
}

function pathOf(source: string, columns: readonly string[], target: string, keys: readonly string[]): string {
  const pairs = columns.map((column, at) => [column, keys[at] ?? '']).sort()
  return JSON.stringify([source, target, pairs])
}

/** MATCH SIMPLE: a row with a NULL in its key refers to nothing. The key's own operators compare. */
async function notValidKeys(session: Session): Promise<Reference[]> {
  const keys = await session.query(`
    SELECT n.nspname AS schema, r.relname AS table, k.conname AS name, fn.nspname AS to_schema, f.relname AS to_table,
           (SELECT json_agg(a.attname ORDER BY i) FROM unnest(k.conkey) WITH ORDINALITY u (attnum, i)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum) AS columns,
           (SELECT json_agg(a.attname ORDER BY i) FROM unnest(k.confkey) WITH ORDINALITY u (attnum, i)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum) AS to_columns,
           (SELECT json_agg(format('OPERATOR(%I.%s)', oprn.nspname, o.oprname) ORDER BY i)
            FROM unnest(k.conpfeqop) WITH ORDINALITY u (opr, i) JOIN pg_catalog.pg_operator o ON o.oid = u.opr
            JOIN pg_catalog.pg_namespace oprn ON oprn.oid = o.oprnamespace) AS operators
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class r ON r.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_catalog.pg_class f ON f.oid = k.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
    WHERE k.contype = 'f' AND NOT k.convalidated ORDER BY 1, 2, 3`)
  return keys.map((row): Reference => {
    const [columns, toColumns, operators] = [row.columns, row.to_columns, row.operators].map(
      (list) => JSON.parse(list ?? '[]') as string[],
    ) as [string[], string[], string[]]
    const present = columns.map((column) => `f.${identifier(column)} IS NOT NULL`).join(' AND ')
    const equal = columns
      .map(
        (column, at) =>
          `t.${identifier(toColumns[at] ?? '')} ${operators[at] ?? '='} f.${identifier(column)}`,
      )
      .join(' AND ')
    const source = qualified(row.schema ?? '', row.table ?? '')
    const target = qualified(row.to_schema ?? '', row.to_table ?? '')
    return {
      what: `${row.schema ?? ''}.${row.table ?? ''}, key ${row.name ?? ''}`,
      path: pathOf(source, columns.map(identifier), target, toColumns.map(identifier)),
      kind: 'not-valid',
      most: Number.POSITIVE_INFINITY,
      sql: countSql(source, target, present, equal),
    }
  })
}

function declared(expectations: Expectations | undefined): Reference[] {
  return (expectations?.references ?? []).map(({ from, to, maxOrphans }): Reference => {
    const [source, column] = splitColumn(from)
    const [target, key] = splitColumn(to)
    const present = `f.${column} IS NOT NULL`
    const equal = `t.${key}::text = f.${column}::text`
    return {
      what: from,
      path: pathOf(source, [column], target, [key]),
      kind: 'declared',
      most: maxOrphans,
      sql: countSql(source, target, present, equal),
    }
  })
}

/** `order_id` beside a table `orders` (or `order`) of the same schema with a key of one column of the same type. */
async function conventional(session: Session): Promise<Reference[]> {
  const rows = await session.query(`
    SELECT n.nspname AS schema, r.relname AS table, a.attname AS column, t.relname AS to_table, ta.attname AS to_column
    FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname ~ '._id$'
    JOIN pg_catalog.pg_class t ON t.relnamespace = r.relnamespace AND t.relkind IN ('r', 'p') AND t.relname IN (
      left(a.attname, -3), left(a.attname, -3) || 's', left(a.attname, -3) || 'es',
      regexp_replace(left(a.attname, -3), 'y$', 'ies'))
    JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'p' AND cardinality(k.conkey) = 1
    JOIN pg_catalog.pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = k.conkey[1] AND ta.atttypid = a.atttypid
    JOIN pg_catalog.pg_type ty ON ty.oid = a.atttypid AND ty.typnamespace = 'pg_catalog'::regnamespace
    WHERE r.relkind IN ('r', 'p') AND NOT r.relispartition
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint f
                      WHERE f.contype = 'f' AND f.conrelid = r.oid AND a.attnum = ANY (f.conkey))
    ORDER BY 1, 2, 3`)
  return rows.map((row): Reference => {
    const { schema, table, column, to_table: toTable, to_column: toColumn } = row
    const source = qualified(schema ?? '', table ?? '')
    const target = qualified(schema ?? '', toTable ?? '')
    const [from, to] = [identifier(column ?? ''), identifier(toColumn ?? '')]
    return {
      what: `${schema ?? ''}.${table ?? ''}.${column ?? ''}`,
      path: pathOf(source, [from], target, [to]),
      kind: 'conventional',
      most: Number.POSITIVE_INFINITY,
      sql: countSql(source, target, `f.${from} IS NOT NULL`, `t.${to} = f.${from}`),
    }
  })
}

function countSql(source: string, target: string, present: string, equal: string): string {
  return `SELECT count(*) AS orphans FROM ${source} AS f
          WHERE ${present} AND NOT EXISTS (SELECT FROM ${target} AS t WHERE ${equal})`
}

/** `shop.reviews.product_id` as a quoted table and a quoted column. */
export function splitColumn(text: string): [table: string, column: string] {
  const parts = namesIn(text)
  const [schema, table, column] = parts.length === 2 ? ['public', ...parts] : parts
  return [qualified(schema ?? '', table ?? ''), identifier(column ?? '')]
}

/** The names of `shop.orders` or `"a.b"."c"`. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/"((?:[^"]|"")*)"|([^.\s"]+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
}
