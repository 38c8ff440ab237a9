import type { Contents } from './contents.ts'
import type { Session } from './session.ts'

export type Inventory = Pick<Contents, 'objects' | 'extensions' | 'roles' | 'settings' | 'acl' | 'owner'>

/** What there is beside rows: counted, so that an index or a policy that did not come back is missed. */
export async function takeInventory(session: Session): Promise<Inventory> {
  const objects = await session.query(OBJECTS)
  const extensions = await session.query(
    `SELECT extname, extversion FROM pg_catalog.pg_extension ORDER BY extname COLLATE "C"`,
  )
  const roles = await session.query(ROLES)
  const [here] = await session.query('SELECT pg_catalog.current_database() AS name')
  return {
    objects: objects.map((row) => ({
      class: row.class ?? '',
      schema: row.schema ?? '',
      count: Number(row.count),
    })),
    extensions: extensions.map((row) => ({ name: row.extname ?? '', version: row.extversion ?? '' })),
    roles: roles.map((row) => row.role ?? ''),
    ...(await databaseItself(session, here?.name ?? '')),
  }
}

/** What stands at a database itself, read from any database of the server. */
export async function databaseItself(
  session: Session,
  name: string,
): Promise<Pick<Inventory, 'settings' | 'acl' | 'owner'>> {
  const settings = await session.query(
    `SELECT coalesce(r.rolname, '') AS role, unnest(s.setconfig) AS setting
     FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
     LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
     WHERE d.datname = $1 ORDER BY 1, 2`,
    [name],
  )
  const acl = await session.query(
    'SELECT unnest(datacl)::text AS item FROM pg_catalog.pg_database WHERE datname = $1 ORDER BY 1',
    [name],
  )
  const [owner] = await session.query(
    'SELECT pg_catalog.pg_get_userbyid(datdba) AS owner FROM pg_catalog.pg_database WHERE datname = $1',
    [name],
  )
  return {
    settings: settings.map((row) => ({ role: row.role ?? '', setting: row.setting ?? '' })),
    acl: acl.map((row) => row.item ?? ''),
    owner: owner?.owner ?? '',
  }
}

const THIS_DATABASE = `(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`

/** Beyond this OID everything was made by somebody, not by initdb. */
const FIRST_NORMAL_OID = 16384

/** [class, catalog, schema's column or none, condition]; members of extensions are their script's business. */
const CLASSES: readonly (readonly [string, string, string | undefined, string])[] = [
  ['table', 'pg_class', 'relnamespace', `o.relkind = 'r' AND o.relpersistence <> 't'`],
  ['partitioned table', 'pg_class', 'relnamespace', `o.relkind = 'p'`],
  ['view', 'pg_class', 'relnamespace', `o.relkind = 'v' AND o.relpersistence <> 't'`],
  ['materialized view', 'pg_class', 'relnamespace', `o.relkind = 'm'`],
  ['sequence', 'pg_class', 'relnamespace', `o.relkind = 'S' AND o.relpersistence <> 't'`],
  ['foreign table', 'pg_class', 'relnamespace', `o.relkind = 'f'`],
  // pg_dump leaves out invalid indexes, and those on temporary tables.
  [
    'index',
    'pg_class',
    'relnamespace',
    `o.relkind IN ('i', 'I') AND o.relpersistence <> 't'
     AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = o.oid AND (i.indisvalid OR o.relkind = 'I'))`,
  ],
  // Not-null constraints became objects with 18: a restore into a newer server would have more of them.
  [
    'constraint',
    'pg_constraint',
    'connamespace',
    `o.contype <> 'n' AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = o.conrelid AND c.relpersistence = 't')`,
  ],
  ['function', 'pg_proc', 'pronamespace', 'true'],
  ['operator', 'pg_operator', 'oprnamespace', 'true'],
  ['operator class', 'pg_opclass', 'opcnamespace', 'true'],
  ['type', 'pg_type', 'typnamespace', `o.typtype IN ('e', 'd', 'r')`],
  ['collation', 'pg_collation', 'collnamespace', 'true'],
  ['statistics', 'pg_statistic_ext', 'stxnamespace', 'true'],
  ['text search configuration', 'pg_ts_config', 'cfgnamespace', 'true'],
  ['trigger', 'pg_trigger', undefined, 'NOT o.tgisinternal'],
  ['rule', 'pg_rewrite', undefined, `o.rulename <> '_RETURN'`],
  ['policy', 'pg_policy', undefined, 'true'],
  ['cast', 'pg_cast', undefined, 'true'],
  ['event trigger', 'pg_event_trigger', undefined, 'true'],
  ['foreign server', 'pg_foreign_server', undefined, 'true'],
  ['publication', 'pg_publication', undefined, 'true'],
  ['schema', 'pg_namespace', undefined, `o.nspname !~ '^pg_(toast|temp)'`],
]

const OBJECTS = CLASSES.map(
  ([label, catalog, schema, condition]) => `
    SELECT '${label}' AS class, ${schema === undefined ? `''` : 'n.nspname'} AS schema, count(*) AS count
    FROM pg_catalog.${catalog} o
    ${schema === undefined ? '' : `JOIN pg_catalog.pg_namespace n ON n.oid = o.${schema}`}
    WHERE o.oid >= ${FIRST_NORMAL_OID} AND ${condition}
      ${schema === undefined ? '' : `AND n.nspname !~ '^pg_(toast|temp)'`}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::regclass
                      AND d.objid = o.oid AND d.deptype = 'e')
    ${schema === undefined ? 'HAVING count(*) > 0' : 'GROUP BY n.nspname'}`,
).join(' UNION ALL ')

const ROLES = `
  SELECT DISTINCT r.rolname AS role
  FROM pg_catalog.pg_shdepend d JOIN pg_catalog.pg_roles r ON r.oid = d.refobjid
  WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
    AND (d.dbid = ${THIS_DATABASE}
         OR d.dbid = 0 AND d.classid = 'pg_catalog.pg_database'::regclass AND d.objid = ${THIS_DATABASE})
  UNION SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE oid = ${THIS_DATABASE}
  ORDER BY role`
