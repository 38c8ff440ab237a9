import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { wellKnownAuthorities } from './connect.ts'
import type { Connection } from './connection.ts'
import { believesWellKnown } from './tls-settings.ts'

/**
 * What PostgreSQL's own programs need to connect, without a secret in argv or in their environment: the password
 * lies in a passfile that only its owner can read, and that goes when this is disposed of.
 */
export interface LibpqAccess extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>
}

const SERVICE = 'lifeboat'

/** `temporary` is an existing directory of ours. */
export async function libpqAccess(connection: Connection, temporary: string): Promise<LibpqAccess> {
  const folder = await mkdtemp(join(temporary, 'lifeboat-pass-'))
  const { password, tls } = connection
  const write = (name: string, text: string): Promise<void> =>
    writeFile(join(folder, name), text, { mode: 0o600 })
  await write('pgpass', password === undefined ? '' : `*:*:*:*:${escapeField(password)}\n`)
  // libpq knows `system` only since version 16: it gets the very list that our own client believes.
  if (believesWellKnown(tls)) await write('authorities.pem', wellKnownAuthorities().join('\n'))
  const service = serviceLines(connection)
  if (service.length > 0) await write('service.conf', [`[${SERVICE}]`, ...service, ''].join('\n'))
  return {
    environment: {
      ...libpqEnvironment(connection, folder),
      ...(service.length > 0 && { PGSERVICE: SERVICE, PGSERVICEFILE: join(folder, 'service.conf') }),
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/**
 * Everything but the password, which is in `folder`. What the URL leaves open is said, too: libpq would look for
 * certificates and keys in `~/.postgresql`, where our own client looks for nothing.
 */
export function libpqEnvironment(connection: Connection, folder: string): Record<string, string> {
  const { tls } = connection
  const nothing = join(folder, 'none')
  const environment: Record<string, string | undefined> = {
    PGHOST: connection.host,
    PGPORT: String(connection.port),
    PGUSER: connection.user,
    PGDATABASE: connection.database,
    PGAPPNAME: connection.applicationName ?? 'lifeboat',
    PGCONNECT_TIMEOUT: String(connection.connectTimeout),
    PGPASSFILE: join(folder, 'pgpass'),
    PGSSLMODE: tls.mode,
    PGSSLROOTCERT: believesWellKnown(tls)
      ? join(folder, 'authorities.pem')
      : (tls.rootCertificate ?? nothing),
    PGSSLCERT: tls.certificate ?? nothing,
    PGSSLKEY: tls.key ?? nothing,
    PGSSLCRL: tls.revoked ?? nothing,
    PGSSLMINPROTOCOLVERSION: tls.least,
    PGSSLMAXPROTOCOLVERSION: tls.most,
    PGGSSENCMODE: 'disable',
    PGOPTIONS: connection.serverOptions,
    PGCHANNELBINDING: connection.channelBinding,
  }
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

/**
 * What a libpq that is too old has to refuse: it passes over a variable that it does not know, but not over a line of a
 * service file. `require_auth` came with version 16, `channel_binding` with 13.
 */
function serviceLines({ requireAuth, channelBinding }: Connection): string[] {
  return [
    ...(requireAuth === undefined ? [] : [`require_auth=${requireAuth}`]),
    ...(channelBinding === 'require' ? ['channel_binding=require'] : []),
  ]
}

/** A passfile separates fields by colons, and escapes by backslashes. */
function escapeField(text: string): string {
  return text.replace(/[\\:]/g, '\\$&')
}
