import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnvironment } from '../pipeline/process.ts'
import type { Connection } from './connection.ts'
import { libpqAccess } from './libpq.ts'
import { RESTORE_SETTINGS, withSettings } from './value-settings.ts'

/** What pg_restore needs to work in one database, and a folder for its lists; both go when this is disposed of. */
export interface RestoreEnvironment extends AsyncDisposable {
  readonly variables: Readonly<Record<string, string>>
  readonly folder: string
}

/** The database or the role may be read-only by default, or limit how long a statement takes. */
const ABLE = { default_transaction_read_only: 'off', statement_timeout: '0' }

/** `temporary` is an existing directory of ours. */
export async function restoreEnvironment(
  connection: Connection,
  temporary: string,
): Promise<RestoreEnvironment> {
  const access = await libpqAccess(withSettings(connection, { ...ABLE, ...RESTORE_SETTINGS }), temporary)
  const folder = await mkdtemp(join(temporary, 'lifeboat-restore-'))
  return {
    variables: childEnvironment(access.environment),
    folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true })
      await access[Symbol.asyncDispose]()
    },
  }
}
