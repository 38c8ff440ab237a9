import { LifeboatError } from '../errors.ts'
import { HAS_DUMPED_CONTENTS } from './extension-rows.ts'
import type { Session } from './session.ts'

/** How many names an error lists before it only counts. */
const SHOWN = 10

/** What a dump has to read and the role may not, by name, as the catalog tells. */
export interface Unreadable {
  /** Quoted where it has to be. */
  readonly role: string
  readonly relations: readonly string[]
  /** Tables whose row security hides rows from the role. */
  readonly hidden: readonly string[]
  readonly largeObjects: readonly string[]
}

export async function findUnreadable(session: Session, { major }: { major: number }): Promise<Unreadable> {
  const names = async (sql: string): Promise<string[]> =>
    (await session.query(sql)).map((row) => row.what ?? '?')
  const [role] = await session.query(`SELECT pg_catalog.quote_ident(current_user) AS name`)
  return {
    role: role?.name ?? '?',
    relations: await names(UNREADABLE_RELATIONS),
    hidden: await names(HIDDEN_ROWS),
    largeObjects: await names(major >= 18 ? UNREADABLE_LARGE_OBJECTS_18 : UNREADABLE_LARGE_OBJECTS),
  }
}

/** What gives a role the rights that it lacks. */
export const GRANTS = {
  relations: (role: string) =>
    `GRANT pg_read_all_data TO ${role} (PostgreSQL 14 and newer) lets it read tables.`,
  hidden: (role: string) => `ALTER ROLE ${role} BYPASSRLS lets it see all rows.`,
  largeObjects: (role: string) =>
    `Large objects need GRANT SELECT ON LARGE OBJECT … TO ${role}, or a dump as their owner.`,
}

/**
 * Finds what the role may not read before anything is dumped: pg_dump stops at the first such object, after
 * minutes or hours, and tells of one only. Throws `privilege`, naming all.
 */
export async function assertReadable(session: Session, server: { major: number }): Promise<void> {
  const { role, relations, hidden, largeObjects } = await findUnreadable(session, server)
  const problems = [
    listNames(relations, 'may not be read'),
    listNames(hidden, 'hide rows from this role by row security'),
    listNames(largeObjects, 'may not be read'),
  ].filter((problem) => problem !== '')
  if (problems.length === 0) return
  const hints = [
    relations.length > 0 ? GRANTS.relations(role) : '',
    hidden.length > 0 ? GRANTS.hidden(role) : '',
    largeObjects.length > 0 ? GRANTS.largeObjects(role) : '',
  ]
  throw new LifeboatError('privilege', `The role ${role} cannot see everything: ${problems.join('; ')}.`, {
    hint: hints.filter((hint) => hint !== '').join(' '),
  })
}

/** `table a.b, table a.c and 7 more may not be read`; empty where there is none. */
export function listNames(names: readonly string[], what: string): string {
  if (names.length === 0) return ''
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names.slice(0, SHOWN).join(', ')}${more} ${what}`
}

/** Tables and sequences of which a dump has contents. */
const RELATIONS = `
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${HAS_DUMPED_CONTENTS}`

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
