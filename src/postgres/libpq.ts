import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from './connection.ts'

/**
 * What PostgreSQL's own programs need to connect, without a secret in argv or in their environment: the password
 * lies in a passfile that only its owner can read, and that goes when this is disposed of.
 */
export interface LibpqAccess extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>
}

/** `temporary` is an existing directory of ours. */
export async function libpqAccess(connection: Connection, temporary: string): Promise<LibpqAccess> {
  const folder = await mkdtemp(join(temporary, 'lifeboat-pass-'))
  const passfile = join(folder, 'pgpass')
  const { password } = connection
  await writeFile(passfile, password === undefined ? '' : `*:*:*:*:${escapeField(password)}\n`, {
    mode: 0o600,
  })
  return {
    environment: { ...libpqEnvironment(connection), PGPASSFILE: passfile },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Everything but the password. */
export function libpqEnvironment(connection: Connection): Record<string, string> {
  const { tls } = connection
  const environment: Record<string, string | undefined> = {
    PGHOST: connection.host,
    PGPORT: String(connection.port),
    PGUSER: connection.user,
    PGDATABASE: connection.database,
    PGAPPNAME: 'lifeboat',
    PGCONNECT_TIMEOUT: String(connection.connectTimeout),
    PGSSLMODE: tls.mode,
    PGSSLROOTCERT: tls.rootCertificate,
    PGSSLCERT: tls.certificate,
    PGSSLKEY: tls.key,
    PGOPTIONS: connection.serverOptions,
    PGCHANNELBINDING: connection.channelBinding,
  }
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/** A passfile separates fields by colons, and escapes by backslashes. */
function escapeField(text: string): string {
  return text.replace(/[\\:]/g, '\\$&')
}
