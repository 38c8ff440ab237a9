import { identifier, literal } from './identifier.ts'
import { sqlState, type Row, type Session } from './session.ts'

const INSUFFICIENT_PRIVILEGE = '42501'

/** What a dump does not carry: the roles of the server, and what stands at the database itself. */
export interface Globals {
  /** One statement each, without passwords. Every one may be run again. */
  readonly statements: readonly string[]
  /** Roles that log in, and will need a password again. */
  readonly logins: readonly string[]
  /** What else is set on the server and is in no statement: a sentence each. */
  readonly left: readonly string[]
  /** Why there are no statements, where the server does not let us read them. */
  readonly refused?: string
}

/**
 * Statements of a few known kinds (CREATE ROLE guarded, GRANT role, ALTER ROLE … SET, ALTER DATABASE …, GRANT …
 * ON DATABASE, COMMENT ON either), so that a restore need not run somebody's script to get them. `pg_dumpall --roles-only` says the same
 * about roles, but fails on every role that is there already, and says nothing of the database.
 */
export async function readGlobals(session: Session, database: string): Promise<Globals> {
  try {
    return await readEverything(session, database)
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error
    return { statements: [], logins: [], left: [], refused: String(error) }
  }
}

export function renderGlobals({ statements }: Globals): Buffer {
  return Buffer.from(`${statements.join('\n')}\n`)
}

async function readEverything(session: Session, database: string): Promise<Globals> {
  const [{ number } = { number: '0' }] = await session.query(
    `SELECT current_setting('server_version_num') AS number`,
  )
  const roles = await session.query(ROLES)
  const memberships = await session.query(Number(number) >= 160_000 ? MEMBERSHIPS_16 : MEMBERSHIPS)
  const settings = await session.query(SETTINGS)
  const [facts] = await session.query(DATABASE)
  const grants = await session.query(GRANTS)
  const restricted = facts?.restricted === 't'
  return {
    statements: [
      ...roles.map(createRole),
      ...roles.flatMap((row) => comment('ROLE', row.rolname ?? '', row.comment)),
      ...memberships.map(grantRole),
      ...(facts ? [...alterDatabase(facts, database), ...comment('DATABASE', database, facts.comment)] : []),
      ...settings.map((row) => applySetting(row, database)),
      // What everybody and the owner have from the beginning is granted again below, as far as they have it.
      ...(restricted ? ['PUBLIC', identifier(facts.owner ?? '')].map((who) => revoke(database, who)) : []),
      ...grants.map((row) => grantOnDatabase(row, database)),
    ],
    logins: roles.filter((row) => row.rolcanlogin === 't').map((row) => row.rolname ?? ''),
    left: await readLeft(session, Number(number)),
  }
}

async function readLeft(session: Session, version: number): Promise<string[]> {
  const some = async (sql: string): Promise<boolean> => (await session.query(sql)).length > 0
  return [
    version >= 150_000 && (await some('SELECT 1 FROM pg_catalog.pg_parameter_acl LIMIT 1'))
      ? 'Rights on configuration parameters (GRANT … ON PARAMETER) are not in the backup.'
      : '',
    version >= 160_000 &&
    (await some(
      `SELECT 1 FROM pg_catalog.pg_database WHERE oid = ${THIS_DATABASE} AND daticurules IS NOT NULL`,
    ))
      ? 'The ICU rules of the database are not in the backup: CREATE DATABASE … ICU_RULES has to say them.'
      : '',
    (await some(`SELECT 1 FROM pg_catalog.pg_shseclabel LIMIT 1`))
      ? 'Security labels of roles and of the database are not in the backup.'
      : '',
  ].filter((sentence) => sentence !== '')
}

function revoke(database: string, who: string): string {
  return `REVOKE ALL ON DATABASE ${identifier(database)} FROM ${who};`
}

/** A role that is there already stays as it is. */
function createRole(row: Row): string {
  const flags = ['super', 'inherit', 'createrole', 'createdb', 'canlogin', 'replication', 'bypassrls']
  const words: Readonly<Record<string, string>> = { super: 'SUPERUSER', canlogin: 'LOGIN' }
  const attributes = flags.map(
    (flag) => `${row[`rol${flag}`] === 't' ? '' : 'NO'}${words[flag] ?? flag.toUpperCase()}`,
  )
  if (row.rolconnlimit !== '-1') attributes.push(`CONNECTION LIMIT ${row.rolconnlimit ?? '-1'}`)
  if (row.rolvaliduntil != null) attributes.push(`VALID UNTIL ${literal(row.rolvaliduntil)}`)
  const create = `CREATE ROLE ${identifier(row.rolname ?? '')} WITH ${attributes.join(' ')};`
  return `DO ${literal(`BEGIN ${create} EXCEPTION WHEN duplicate_object THEN NULL; END`)};`
}

function comment(kind: 'ROLE' | 'DATABASE', name: string, text: string | null | undefined): string[] {
  return text == null ? [] : [`COMMENT ON ${kind} ${identifier(name)} IS ${literal(text)};`]
}

function grantRole(row: Row): string {
  const options = [
    row.admin === 't' ? 'ADMIN OPTION' : '',
    row.inherit === 'f' ? 'INHERIT FALSE' : row.inherit === 't' ? 'INHERIT TRUE' : '',
    row.set === 'f' ? 'SET FALSE' : '',
  ].filter((option) => option !== '')
  const suffix = options.length > 0 ? ` WITH ${options.join(', ')}` : ''
  return `GRANT ${identifier(row.role ?? '')} TO ${identifier(row.member ?? '')}${suffix};`
}

function alterDatabase(row: Row, database: string): string[] {
  const target = `ALTER DATABASE ${identifier(database)}`
  const limit = row.datconnlimit ?? '-1'
  return [
    `${target} OWNER TO ${identifier(row.owner ?? '')};`,
    ...(limit === '-1' ? [] : [`${target} CONNECTION LIMIT ${limit};`]),
  ]
}

function applySetting(row: Row, database: string): string {
  const [name = '', ...rest] = (row.setting ?? '').split('=')
  const target = [
    row.role == null ? 'ALTER DATABASE' : `ALTER ROLE ${identifier(row.role)}`,
    row.role != null && row.here === 't' ? 'IN DATABASE' : '',
    row.here === 't' ? identifier(database) : '',
  ].filter((word) => word !== '')
  return `${target.join(' ')} SET ${settingName(name)} TO ${settingValue(name, rest.join('='))};`
}

/** `app.tenant` is two names. */
function settingName(name: string): string {
  return name.split('.').map(identifier).join('.')
}

/** Settings that hold a list of names: one quoted string would be one name. The list is pg_dump's own. */
const NAME_LISTS = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

function settingValue(name: string, value: string): string {
  if (!NAME_LISTS.has(name.toLowerCase())) return literal(value)
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^\s,]+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
  return names.length === 0 ? literal('') : names.map(literal).join(', ')
}

function grantOnDatabase(row: Row, database: string): string {
  const grantee = row.grantee == null ? 'PUBLIC' : identifier(row.grantee)
  const option = row.grantable === 't' ? ' WITH GRANT OPTION' : ''
  return `GRANT ${row.privilege ?? ''} ON DATABASE ${identifier(database)} TO ${grantee}${option};`
}

/** Roles named pg_… come with the server. */
const ROLES = `
  SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
         rolconnlimit, rolvaliduntil, pg_catalog.shobj_description(oid, 'pg_authid') AS comment
  FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname`

const MEMBERS = `
  FROM pg_catalog.pg_auth_members m
  JOIN pg_catalog.pg_roles r ON r.oid = m.roleid JOIN pg_catalog.pg_roles u ON u.oid = m.member
  WHERE u.rolname !~ '^pg_'`

const MEMBERSHIPS = `
  SELECT DISTINCT r.rolname AS role, u.rolname AS member, m.admin_option AS admin, NULL AS inherit, NULL AS set
  ${MEMBERS} ORDER BY 1, 2`

/** Since 16 one membership may be granted by several roles, each with options of its own: the widest counts. */
const MEMBERSHIPS_16 = `
  SELECT r.rolname AS role, u.rolname AS member, bool_or(m.admin_option) AS admin,
         bool_or(m.inherit_option) AS inherit, bool_or(m.set_option) AS set
  ${MEMBERS} GROUP BY 1, 2 ORDER BY 1, 2`

const THIS_DATABASE = `(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`

const SETTINGS = `
  SELECT r.rolname AS role, s.setdatabase <> 0 AS here, unnest(s.setconfig) AS setting
  FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
  WHERE (s.setdatabase = ${THIS_DATABASE} OR s.setdatabase = 0) AND (s.setrole = 0 OR r.rolname IS NOT NULL)
    AND NOT (s.setdatabase = 0 AND s.setrole = 0)
  ORDER BY 1 NULLS FIRST, 2, 3`

const DATABASE = `
  SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, datconnlimit, datacl IS NOT NULL AS restricted,
         pg_catalog.shobj_description(oid, 'pg_database') AS comment
  FROM pg_catalog.pg_database WHERE oid = ${THIS_DATABASE}`

const GRANTS = `
  SELECT a.privilege_type AS privilege, r.rolname AS grantee, bool_or(a.is_grantable) AS grantable
  FROM pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) a
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
  WHERE d.oid = ${THIS_DATABASE} AND (a.grantee = 0 OR r.rolname IS NOT NULL)
  GROUP BY 1, 2 ORDER BY 2 NULLS FIRST, 1`
