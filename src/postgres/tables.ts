import { CONFIGURATION } from './extension-rows.ts'
import type { Session } from './session.ts'

/** A table as pg_dump sees it: something to lock and, unless it is a partitioned parent, rows to dump. */
export interface Table {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'partitioned'
  readonly unlogged: boolean
  /** Created by an extension, whose script recreates it: of its rows only those of configuration are dumped. */
  readonly extensionMember: boolean
  /** An extension's configuration: which rows are dumped, as SQL that follows the table's name; empty for all. */
  readonly configuration?: { readonly extension: string; readonly condition: string }
  /** The role may read it. Members of extensions need not be readable: they are not dumped. */
  readonly readable: boolean
  /** Whoever plans a query of it runs code of somebody who is no superuser: in an index, or in statistics. */
  readonly plansCode: boolean
  /** Columns that pg_dump carries, by name: generated ones are computed anew. */
  readonly columns: readonly string[]
}

/** A table that is locked, and so can be measured. */
export interface MeasuredTable extends Table {
  /** Main fork and TOAST, without indexes. */
  readonly bytes: number
}

/**
 * Every table that pg_dump locks, by OID. Temporary tables of other sessions are nobody's business. Foreign
 * tables, views and materialized views have no rows in a dump.
 */
export async function listTables(session: Session): Promise<Table[]> {
  const rows = await session.query(`
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.relpersistence AS persistence,
           EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                   AND d.objid = c.oid AND d.objsubid = 0 AND d.deptype = 'e') AS member,
           pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable,
           c.oid IN (${PLANS_CODE}) AS plans_code, configuration.extension, configuration.condition,
           (SELECT coalesce(json_agg(a.attname ORDER BY a.attname COLLATE "C"), '[]')
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (${CONFIGURATION}) configuration ON configuration.oid = c.oid
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND (configuration.oid IS NOT NULL
      OR n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)')
    ORDER BY c.oid`)
  return rows.map((row) => ({
    oid: Number(row.oid),
    schema: row.schema ?? '',
    name: row.name ?? '',
    kind: row.kind === 'p' ? 'partitioned' : 'table',
    unlogged: row.persistence === 'u',
    extensionMember: row.member === 't',
    ...(typeof row.extension === 'string' && {
      configuration: { extension: row.extension, condition: row.condition ?? '' },
    }),
    readable: row.readable === 't',
    plansCode: row.plans_code === 't',
    columns: JSON.parse(row.columns ?? '[]') as string[],
  }))
}

/**
 * Tables with an expression of an index (or its condition, or extended statistics) that calls a function of somebody
 * who is neither a superuser nor we. The planner simplifies those expressions whatever the query is: it looks into the
 * bodies of SQL functions, and computes what depends on constants only, as whoever asks.
 */
const PLANS_CODE = `
  SELECT o.relation
  FROM (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, indexrelid AS object, indrelid AS relation
        FROM pg_catalog.pg_index WHERE indexprs IS NOT NULL OR indpred IS NOT NULL
        UNION ALL
        SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, oid, stxrelid FROM pg_catalog.pg_statistic_ext) o
  JOIN pg_catalog.pg_depend d ON d.classid = o.class AND d.objid = o.object
    AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
  LEFT JOIN pg_catalog.pg_operator p
    ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND p.oid = d.refobjid
  JOIN pg_catalog.pg_proc f ON f.oid = coalesce(p.oprcode, d.refobjid)
  JOIN pg_catalog.pg_roles r ON r.oid = f.proowner
  WHERE NOT r.rolsuper AND r.rolname <> current_user`

/** `pg_table_size` waits for a table's lock without a limit: only for tables that the caller has locked. */
export async function measureTables(session: Session, tables: readonly Table[]): Promise<MeasuredTable[]> {
  const measurable = tables.filter(({ kind, readable }) => kind === 'table' && readable).map(({ oid }) => oid)
  const rows = await session.query(
    `SELECT oid, pg_catalog.pg_table_size(oid) AS bytes FROM unnest($1::oid[]) AS oid`,
    [`{${measurable.join()}}`],
  )
  const bytes = new Map(rows.map((row) => [Number(row.oid), Number(row.bytes ?? '0')]))
  return tables.map((table) => ({ ...table, bytes: bytes.get(table.oid) ?? 0 }))
}

/** Whether a dump carries rows of it, where it has any of its own. */
export function isDumped({ extensionMember, configuration }: Table): boolean {
  return !extensionMember || configuration !== undefined
}

/** Tables whose rows a dump carries and a restored copy must have. */
export function tablesWithRows<T extends Table>(
  tables: readonly T[],
  { standby }: { standby: boolean },
): T[] {
  return tables.filter(
    // A standby has no contents of unlogged tables.
    (table) => table.kind === 'table' && isDumped(table) && !(standby && table.unlogged),
  )
}
