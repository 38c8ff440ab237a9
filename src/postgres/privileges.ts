import { LifeboatError } from '../errors.ts'
import type { Session } from './session.ts'

/** How many names an error lists before it only counts. */
const SHOWN = 10

/**
 * Finds what the role may not read before anything is dumped: pg_dump stops at the first such object, after
 * minutes or hours, and tells of one only. Throws `privilege`, naming all.
 */
export async function assertReadable(session: Session, { major }: { major: number }): Promise<void> {
  const [role] = await session.query(`
    SELECT pg_catalog.quote_ident(rolname) AS name, rolsuper OR rolbypassrls AS sees_all_rows
    FROM pg_catalog.pg_roles WHERE rolname = current_user`)
  const unreadable = await session.query(UNREADABLE_RELATIONS)
  const hidden = await session.query(HIDDEN_ROWS)
  const largeObjects = await session.query(
    major >= 18 ? UNREADABLE_LARGE_OBJECTS_18 : UNREADABLE_LARGE_OBJECTS,
  )
  const problems = [
    list(unreadable, 'may not be read'),
    list(hidden, 'hide rows from this role by row security'),
    list(largeObjects, 'may not be read'),
  ].filter((problem) => problem !== '')
  if (problems.length === 0) return

  const name = role?.name ?? '?'
  const hints = [
    unreadable.length > 0
      ? `GRANT pg_read_all_data TO ${name} (PostgreSQL 14 and newer) lets it read tables.`
      : '',
    hidden.length > 0 ? `ALTER ROLE ${name} BYPASSRLS lets it see all rows.` : '',
    largeObjects.length > 0
      ? `Large objects need GRANT SELECT ON LARGE OBJECT … TO ${name}, or a dump as their owner.`
      : '',
  ]
  throw new LifeboatError('privilege', `The role ${name} cannot see everything: ${problems.join('; ')}.`, {
    hint: hints.filter((hint) => hint !== '').join(' '),
  })
}

function list(rows: readonly Readonly<Record<string, string | null>>[], what: string): string {
  if (rows.length === 0) return ''
  const names = rows.slice(0, SHOWN).map((row) => row.what ?? '?')
  const more = rows.length > SHOWN ? ` and ${rows.length - SHOWN} more` : ''
  return `${names.join(', ')}${more} ${what}`
}

/** Tables and sequences outside the system's schemas; members of extensions are not dumped. */
const RELATIONS = `
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_(toast|temp)'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
                    AND d.objid = c.oid AND d.deptype = 'e')`

const UNREADABLE_RELATIONS = `
  SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' ELSE 'table ' END ||
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS what
  ${RELATIONS} AND c.relkind IN ('r', 'p', 'S')
    AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
             AND CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
                      ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END)
  ORDER BY 1`

/** `row_security_active` looks at \`row_security\` too, and we run with it off; so the rule is spelled out. */
const HIDDEN_ROWS = `
  SELECT 'table ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS what
  ${RELATIONS} AND c.relkind IN ('r', 'p') AND c.relrowsecurity
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r
                    WHERE r.rolname = current_user AND (r.rolsuper OR r.rolbypassrls))
    AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(c.relowner, 'USAGE'))
  ORDER BY 1`

/** pg_read_all_data does not cover large objects, and before 18 no function tells who may read one. */
const UNREADABLE_LARGE_OBJECTS = `
  SELECT 'large object ' || m.oid AS what FROM pg_catalog.pg_largeobject_metadata m
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = current_user AND r.rolsuper)
    AND current_setting('lo_compat_privileges') = 'off'
    AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE')
    AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
                    AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))
  ORDER BY m.oid`

const UNREADABLE_LARGE_OBJECTS_18 = `
  SELECT 'large object ' || m.oid AS what FROM pg_catalog.pg_largeobject_metadata m
  WHERE NOT pg_catalog.has_largeobject_privilege(m.oid, 'SELECT') ORDER BY m.oid`
