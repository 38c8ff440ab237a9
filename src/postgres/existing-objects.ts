import type { Session } from './session.ts'
import type { TocEntry } from './table-of-contents.ts'

/** Something of a database that has a name. */
export interface ExistingObject {
  /** `sequence`, `index`, `type`, … */
  readonly kind: string
  /** The table whose column a sequence belongs to, `schema.name`; null for everything else. */
  readonly owner: string | null
}

/** What a database has already, by the names that cannot be given twice. */
export type ExistingObjects = ReadonlyMap<string, ExistingObject>

/** Names that cannot be given twice: tables and their indexes share one space, tables and types another. */
export type NameSpace = 'relation' | 'type' | 'routine' | 'statistics' | (string & {})

export function nameKey(space: NameSpace, schema: string, name: string): string {
  return JSON.stringify([space, schema, name])
}

/** Every name that something which `only` restores could need. Names of types are written as `pg_dump` writes them. */
export async function existingObjects(session: Session): Promise<ExistingObjects> {
  const rows = await session.query(`
    WITH named AS (
      SELECT 'relation' AS space, relnamespace AS schema, relname::text AS name,
             CASE relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' WHEN 'f' THEN 'foreign table'
                          WHEN 'c' THEN 'type' ELSE 'table' END AS kind,
             (SELECT n.nspname || '.' || t.relname FROM pg_catalog.pg_depend d
              JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
              WHERE c.relkind = 'S' AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i') LIMIT 1) AS owner
      FROM pg_catalog.pg_class c WHERE relkind <> 't'
      -- An array type gives way to a table that wants its name.
      UNION ALL SELECT 'type', typnamespace, typname, 'type', NULL FROM pg_catalog.pg_type t
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
      UNION ALL SELECT 'routine', pronamespace, proname || '(' || CASE WHEN prokind = 'a' AND pronargs = 0 THEN '*' ELSE
          pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.format_type(a.type, NULL) FROM
            pg_catalog.unnest(proargtypes) WITH ORDINALITY AS a (type, at) ORDER BY a.at), ', ') END || ')',
          'function', NULL FROM pg_catalog.pg_proc
      UNION ALL SELECT 'operator', oprnamespace, oprname || ' ' ||
          CASE oprleft WHEN 0 THEN '' ELSE pg_catalog.format_type(oprleft, NULL) END || ' ' ||
          CASE oprright WHEN 0 THEN '' ELSE pg_catalog.format_type(oprright, NULL) END, 'operator', NULL
        FROM pg_catalog.pg_operator
      UNION ALL SELECT 'operator class', opcnamespace, opcname || ' ' || amname, 'operator class', NULL
        FROM pg_catalog.pg_opclass JOIN pg_catalog.pg_am a ON a.oid = opcmethod
      UNION ALL SELECT 'operator family', opfnamespace, opfname || ' ' || amname, 'operator family', NULL
        FROM pg_catalog.pg_opfamily JOIN pg_catalog.pg_am a ON a.oid = opfmethod
      UNION ALL SELECT 'statistics', stxnamespace, stxname, 'statistics', NULL FROM pg_catalog.pg_statistic_ext
      UNION ALL SELECT 'collation', collnamespace, collname, 'collation', NULL FROM pg_catalog.pg_collation
      UNION ALL SELECT 'conversion', connamespace, conname, 'conversion', NULL FROM pg_catalog.pg_conversion
      UNION ALL SELECT 'text search configuration', cfgnamespace, cfgname, 'text search configuration', NULL FROM pg_catalog.pg_ts_config
      UNION ALL SELECT 'text search dictionary', dictnamespace, dictname, 'text search dictionary', NULL FROM pg_catalog.pg_ts_dict
      UNION ALL SELECT 'text search parser', prsnamespace, prsname, 'text search parser', NULL FROM pg_catalog.pg_ts_parser
      UNION ALL SELECT 'text search template', tmplnamespace, tmplname, 'text search template', NULL FROM pg_catalog.pg_ts_template
      UNION ALL SELECT 'cast', NULL, 'CAST (' || pg_catalog.format_type(castsource, NULL) || ' AS ' ||
          pg_catalog.format_type(casttarget, NULL) || ')', 'cast', NULL FROM pg_catalog.pg_cast
      UNION ALL SELECT 'schema', NULL, nspname, 'schema', NULL FROM pg_catalog.pg_namespace
      UNION ALL SELECT 'extension', NULL, extname, 'extension', NULL FROM pg_catalog.pg_extension
      UNION ALL SELECT 'language', NULL, lanname, 'language', NULL FROM pg_catalog.pg_language
      UNION ALL SELECT 'access method', NULL, amname, 'access method', NULL FROM pg_catalog.pg_am
      UNION ALL SELECT 'foreign data wrapper', NULL, fdwname, 'foreign data wrapper', NULL FROM pg_catalog.pg_foreign_data_wrapper
      UNION ALL SELECT 'server', NULL, srvname, 'server', NULL FROM pg_catalog.pg_foreign_server)
    SELECT space, coalesce(nspname, '') AS schema, name, kind, owner
    FROM named LEFT JOIN pg_catalog.pg_namespace n ON n.oid = named.schema`)
  return new Map(
    rows.map(({ space, schema, name, kind, owner = null }) => [
      nameKey(space ?? '', schema ?? '', name ?? ''),
      { kind: kind ?? '', owner },
    ]),
  )
}

const SPACES: Readonly<Record<string, NameSpace>> = {
  TABLE: 'relation',
  VIEW: 'relation',
  'MATERIALIZED VIEW': 'relation',
  'FOREIGN TABLE': 'relation',
  SEQUENCE: 'relation',
  INDEX: 'relation',
  TYPE: 'type',
  'SHELL TYPE': 'type',
  DOMAIN: 'type',
  FUNCTION: 'routine',
  PROCEDURE: 'routine',
  AGGREGATE: 'routine',
  STATISTICS: 'statistics',
  COLLATION: 'collation',
  CONVERSION: 'conversion',
  'TEXT SEARCH CONFIGURATION': 'text search configuration',
  'TEXT SEARCH DICTIONARY': 'text search dictionary',
  'TEXT SEARCH PARSER': 'text search parser',
  'TEXT SEARCH TEMPLATE': 'text search template',
}
const WITHOUT_SCHEMA: Readonly<Record<string, NameSpace>> = {
  SCHEMA: 'schema',
  EXTENSION: 'extension',
  'PROCEDURAL LANGUAGE': 'language',
  'ACCESS METHOD': 'access method',
  'FOREIGN DATA WRAPPER': 'foreign data wrapper',
  SERVER: 'server',
  CAST: 'cast',
}

/** The name that restoring an entry gives; undefined where it gives none that could be taken. */
export function nameOf({ kind, schema, name, definition }: TocEntry): string | undefined {
  const space = SPACES[kind]
  if (space !== undefined) return nameKey(space, schema, name)
  const global = WITHOUT_SCHEMA[kind]
  if (global !== undefined) return nameKey(global, '', name)
  const argument = (which: string): string =>
    new RegExp(`^ +${which} = (.*?),?$`, 'm').exec(definition)?.[1] ?? ''
  if (kind === 'OPERATOR') {
    return nameKey('operator', schema, `${name} ${argument('LEFTARG')} ${argument('RIGHTARG')}`)
  }
  if (kind === 'OPERATOR CLASS' || kind === 'OPERATOR FAMILY') {
    const method = /\bUSING ("[^"]*"|\w+)/.exec(definition)?.[1] ?? ''
    return nameKey(kind.toLowerCase(), schema, `${name} ${method.replaceAll('"', '')}`)
  }
  return undefined
}
