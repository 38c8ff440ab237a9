import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { connectionFailure } from './connection-failure.ts'
import type { Connection } from './connection.ts'

/**
 * One connection to the server, with TLS as the URL wants it. Throws `connection`, with advice for the usual reasons, and
 * at once the signal's reason: a server that accepts and says nothing would hold a cancelled run until its own limit.
 */
export async function connect(connection: Connection, signal: AbortSignal): Promise<pg.Client> {
  const attempts = await tlsAttempts(connection)
  for (const [index, ssl] of attempts.entries()) {
    signal.throwIfAborted()
    const socket = new Socket()
    const client = new pg.Client({
      stream: () => socket,
      host: connection.host,
      port: connection.port,
      user: connection.user,
      password: connection.password ?? '',
      database: connection.database,
      application_name: 'lifeboat',
      connectionTimeoutMillis: connection.connectTimeout * 1000,
      keepAlive: true,
      ssl,
      enableChannelBinding: connection.channelBinding === 'require',
      types: { getTypeParser: () => (text: string) => text },
      ...(connection.serverOptions === undefined ? {} : { options: connection.serverOptions }),
    })
    const stop = (): void => void socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await client.connect()
      return client
    } catch (error) {
      // A failed client may still emit errors of its socket.
      client.on('error', () => undefined)
      signal.throwIfAborted()
      if (index + 1 < attempts.length && isTlsRefusal(error)) continue
      throw await connectionFailure(connection, error)
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
  throw new Error('unreachable: there is always one attempt')
}

/** In the order in which libpq tries them. */
async function tlsAttempts({ host, tls }: Connection): Promise<(ConnectionOptions | false)[]> {
  if (host.startsWith('/') || tls.mode === 'disable') return [false]
  const ca =
    tls.rootCertificate === undefined || tls.rootCertificate === 'system' ? undefined : tls.rootCertificate
  const files: ConnectionOptions = {
    ...(ca === undefined ? {} : { ca: await readFile(ca) }),
    ...(tls.certificate === undefined ? {} : { cert: await readFile(tls.certificate) }),
    ...(tls.key === undefined ? {} : { key: await readFile(tls.key) }),
  }
  // libpq: `require` verifies the chain where there is a root certificate, and nothing where there is none.
  const verifies = tls.mode.startsWith('verify') || (tls.mode === 'require' && ca !== undefined)
  const secured: ConnectionOptions = {
    ...files,
    rejectUnauthorized: verifies,
    ...(tls.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
  if (tls.mode === 'allow') return [false, secured]
  return tls.mode === 'prefer' ? [secured, false] : [secured]
}

function isTlsRefusal(error: unknown): boolean {
  return /does not support SSL|no pg_hba\.conf entry|SSL connection|ECONNRESET/i.test(String(error))
}
