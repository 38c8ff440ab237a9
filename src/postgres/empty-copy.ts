import { LifeboatError } from '../errors.ts'
import type { Contents } from './contents.ts'
import { identifier, literal } from './identifier.ts'
import { wantedExtension, type RestoreSteps } from './restore-steps.ts'
import type { Session } from './session.ts'

export interface Furniture {
  readonly plan: RestoreSteps
  /** In which versions the source had its extensions. */
  readonly versions: Contents['extensions']
  /** The role that everything is restored as. */
  readonly owner: string
  /** The archive's owners are restored. */
  readonly owners: boolean
  /** The owner is to check indexes. */
  readonly amcheck: boolean
}

/**
 * What a superuser does inside a copy, while it is empty, and never later: the schemas that extensions want and the
 * extensions, by their names, never by the archive's SQL; and the rights to use them. Throws `platform`.
 */
export async function furnishCopy(
  session: Session,
  { plan, versions, owner, owners, amcheck }: Furniture,
): Promise<void> {
  const { schemas, extensions } = plan.steps
  try {
    for (const schema of schemas) {
      const theirs = owners && (await isRole(session, schema.owner)) ? schema.owner : owner
      const name = identifier(schema.name)
      await session.query(`CREATE SCHEMA ${name} AUTHORIZATION ${identifier(theirs)}`)
      await session.query(`GRANT ALL ON SCHEMA ${name} TO PUBLIC`)
    }
    await createExtensions(
      session,
      extensions.flatMap((entry) => wantedExtension(entry) ?? []),
      versions,
    )
  } catch (cause) {
    throw new LifeboatError('platform', `An extension of the backup cannot be created: ${String(cause)}`, {
      hint: 'Give a service container that has it (and has it preloaded, where it needs that) as target-database-url.',
      cause,
    })
  }
  if (amcheck) await furnishAmcheck(session, owner)
  await openExtensions(session, owner)
}

async function isRole(session: Session, name: string): Promise<boolean> {
  const rows = await session.query('SELECT 1 AS found FROM pg_catalog.pg_roles WHERE rolname = $1', [name])
  return rows.length > 0
}

/** Where the server has the source's very version it is that one. */
async function createExtensions(
  session: Session,
  extensions: readonly { readonly name: string; readonly schema: string }[],
  wanted: Contents['extensions'],
): Promise<void> {
  const rows = await session.query('SELECT name, version FROM pg_catalog.pg_available_extension_versions')
  const versions = new Set(rows.map(({ name, version }) => JSON.stringify([name, version])))
  for (const { name, schema } of extensions) {
    const version = wanted.find((each) => each.name === name)?.version
    const has = version !== undefined && versions.has(JSON.stringify([name, version]))
    const clause = has ? ` VERSION ${literal(version)}` : ''
    if (await isExtension(session, name)) continue
    await session.query(`CREATE EXTENSION ${identifier(name)} WITH SCHEMA ${identifier(schema)}${clause}`)
  }
}

async function isExtension(session: Session, name: string): Promise<boolean> {
  const rows = await session.query('SELECT 1 AS found FROM pg_catalog.pg_extension WHERE extname = $1', [
    name,
  ])
  return rows.length > 0
}

/**
 * The archive's own amcheck, or one in pg_catalog: there it needs no schema that an archive might have too, and nobody
 * can put anything beside its functions.
 */
async function furnishAmcheck(session: Session, owner: string): Promise<void> {
  if (!(await isExtension(session, 'amcheck'))) {
    const available = await session.query(
      `SELECT 1 AS found FROM pg_catalog.pg_available_extensions WHERE name = 'amcheck'`,
    )
    if (available.length === 0) return
    await session.query('CREATE EXTENSION amcheck WITH SCHEMA pg_catalog')
  }
  const functions = await session.query(`
    SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name
    FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
    JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.objid
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE e.extname = 'amcheck' AND d.deptype = 'e'`)
  for (const { name } of functions)
    await session.query(`GRANT EXECUTE ON FUNCTION ${name ?? ''} TO ${identifier(owner)}`)
}

/** What an extension brought belongs to the superuser; its tables may get rows, and its wrappers may be used. */
async function openExtensions(session: Session, ownerRole: string): Promise<void> {
  const owner = identifier(ownerRole)
  const members = await session.query(`
    SELECT format('GRANT ALL ON %s %I.%I TO ${owner.replaceAll('%', '%%').replaceAll("'", "''")} WITH GRANT OPTION',
                  CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname) AS sql
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')`)
  const wrappers = await session.query(`
    SELECT format('GRANT USAGE ON FOREIGN DATA WRAPPER %I TO PUBLIC', fdwname) AS sql FROM pg_catalog.pg_foreign_data_wrapper`)
  for (const { sql } of [...members, ...wrappers]) if (sql != null) await session.query(sql)
}
