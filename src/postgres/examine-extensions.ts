import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { advice, notChecked, passed, type Finding } from '../catalog/finding.ts'
import { LifeboatError } from '../errors.ts'
import { findServerTools, type ServerSearch } from './server-tools.ts'
import type { Server } from './server.ts'
import type { Session } from './session.ts'

export type ExtensionSearch = Omit<ServerSearch, 'major' | 'log' | 'install'> & Pick<ServerSearch, 'log'>

/** Whether a throwaway server on this machine would have the extensions of the database. Brings nothing. */
export async function* examineExtensions(
  session: Session,
  { major }: Server,
  search: ExtensionSearch,
): AsyncGenerator<Finding> {
  const name = 'extensions'
  const rows = await session.query(
    `SELECT extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY 1`,
  )
  const wanted = rows.map(({ extname }) => extname ?? '')
  if (wanted.length === 0) {
    yield passed(name, 'none but plpgsql.')
    return
  }
  const folder = await controlFolder(major, search)
  if (folder === undefined) {
    yield notChecked(
      name,
      `${wanted.join(', ')}; no server of PostgreSQL ${major} is on this machine to look at.`,
      'restore-verify brings one, without extensions of others: where it fails, give it a service container as target-database-url.',
    )
    return
  }
  const missing = wanted.filter((each) => !existsSync(join(folder, `${each}.control`)))
  yield missing.length === 0
    ? passed(name, `${wanted.join(', ')}: this machine's server has them.`)
    : advice(
        name,
        `${missing.join(', ')}: a throwaway server on this machine lacks them, so restore-verify cannot restore.`,
        'Install their packages before restore-verify, or give it a service container that has them as target-database-url.',
      )
}

/** Where the server keeps what CREATE EXTENSION reads; undefined where there is no server, or it is built in another way. */
async function controlFolder(major: number, search: ExtensionSearch): Promise<string | undefined> {
  const install = (): Promise<never> =>
    Promise.reject(
      new LifeboatError('client-tools', `There is no server of PostgreSQL ${major} on this machine.`),
    )
  try {
    const { directory } = await findServerTools({ ...search, major, install })
    const shares = [`../../../../share/postgresql/${major}`, '../share/postgresql', '../share']
    return shares.map((share) => resolve(directory, share, 'extension')).find((each) => existsSync(each))
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'client-tools') return undefined
    throw error
  }
}
