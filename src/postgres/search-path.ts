import type { Contents } from './contents.ts'
import { literal, OWN_PATH } from './identifier.ts'
import type { Session } from './session.ts'

/** What a server has where nobody has set another. */
const COMMON_PATH: readonly string[] = ['$user', 'public']

/** The names of a `search_path`, as PostgreSQL writes it: `"$user", public`. */
export function parseSearchPath(setting: string): string[] {
  return [...setting.matchAll(/"((?:[^"]|"")*)"|([^\s,]+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
}

/**
 * The path that sessions of this role have in this database where they set none, as names. It is what somebody else has
 * set, so it is data: our statements never run under it.
 */
export async function defaultSearchPath(session: Session): Promise<string[]> {
  const [row] = await session.query(
    `SELECT reset_val AS path FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'search_path'`,
  )
  return parseSearchPath(row?.path ?? '')
}

/** The path that the database had when it was backed up. */
export function recordedSearchPath(settings: Contents['settings']): readonly string[] {
  const [name, here] = ['search_path=', settings.filter(({ role }) => role === '')]
  const found = here.find(({ setting }) => setting.startsWith(name))
  return found === undefined ? COMMON_PATH : parseSearchPath(found.setting.slice(name.length))
}

/** Makes names in the open transaction mean what they mean to somebody else: PostgreSQL's own always come first. */
export async function useSearchPath(session: Session, path: readonly string[]): Promise<void> {
  const others = path.filter((name) => !['', 'pg_catalog', 'pg_temp'].includes(name))
  await session.query(
    `SET LOCAL search_path TO pg_catalog, ${[...others, 'pg_temp'].map(literal).join(', ')}`,
  )
}

/** Ends that. After an error the transaction's end, or that of its savepoint, has done so. */
export async function useOwnPath(session: Session): Promise<void> {
  await session.query(`SET LOCAL search_path TO ${OWN_PATH}`)
}

/** Runs what somebody wrote in a file under the path that he knows. */
export async function underSearchPath<T>(
  session: Session,
  path: readonly string[],
  run: () => Promise<T>,
): Promise<T> {
  await useSearchPath(session, path)
  const result = await run()
  await useOwnPath(session)
  return result
}
