import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { getCACertificates, rootCertificates, type ConnectionOptions } from 'node:tls'
import type pg from 'pg'
import { LifeboatError } from '../errors.ts'
import { authenticationJudge, parseRequireAuth } from './authentication.ts'
import { connectionFailure, refusedAuthentication } from './connection-failure.ts'
import type { Connection } from './connection.ts'
import { StrictClient, StrictConnection } from './strict-client.ts'
import { believesWellKnown, verifiesCertificate, type Tls } from './tls-settings.ts'

/**
 * One connection to the server, with TLS as the URL wants it. Throws `connection`, with advice for the usual reasons, and
 * at once the signal's reason: a server that accepts and says nothing would hold a cancelled run until its own limit.
 */
export async function connect(connection: Connection, signal: AbortSignal): Promise<pg.Client> {
  const attempts = await tlsAttempts(connection)
  for (const [index, ssl] of attempts.entries()) {
    signal.throwIfAborted()
    const socket = new Socket()
    const client = newClient(connection, { socket, ssl })
    const stop = (): void => void socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await client.connect()
      return client
    } catch (error) {
      // A failed client may still emit errors of its socket.
      client.on('error', () => undefined)
      signal.throwIfAborted()
      if (error instanceof LifeboatError) throw error
      if (index + 1 < attempts.length && isTlsRefusal(error)) continue
      throw await connectionFailure(connection, error)
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
  throw new Error('unreachable: there is always one attempt')
}

/** node-postgres fills what it is not told from `PG…` variables of the environment: it is told everything. */
function newClient(
  connection: Connection,
  { socket, ssl }: { socket: Socket; ssl: ConnectionOptions | false },
): pg.Client {
  const { requireAuth, channelBinding, password, serverOptions } = connection
  const judge = authenticationJudge({
    methods: requireAuth === undefined ? undefined : parseRequireAuth(requireAuth),
    channelBinding,
    encrypted: ssl !== false,
    hasPassword: password !== undefined,
  })
  const wire = { stream: () => socket, ssl, sslnegotiation: 'postgres' as const, keepAlive: true }
  const guarded = new StrictConnection(wire, (message) => {
    const reason = judge(message)
    return reason === undefined ? undefined : refusedAuthentication(connection, reason)
  })
  const config = {
    ...wire,
    connection: guarded,
    host: connection.host,
    port: connection.port,
    user: connection.user,
    // As a function, an empty one is not looked for elsewhere.
    password: () => password ?? '',
    database: connection.database,
    connectionTimeoutMillis: connection.connectTimeout * 1000,
    // As libpq: SCRAM is bound to the channel where both sides can.
    enableChannelBinding: ssl !== false && channelBinding !== 'disable',
    types: { getTypeParser: () => (text: string) => text },
  }
  return new StrictClient(config, {
    user: connection.user,
    database: connection.database,
    application_name: connection.applicationName ?? 'lifeboat',
    ...(serverOptions !== undefined && { options: serverOptions }),
  })
}

/** In the order in which libpq tries them. */
async function tlsAttempts({ host, tls }: Connection): Promise<(ConnectionOptions | false)[]> {
  if (host.startsWith('/') || tls.mode === 'disable') return [false]
  const secured: ConnectionOptions = {
    ...(await certificates(tls)),
    ...(tls.least !== undefined && { minVersion: tls.least }),
    ...(tls.most !== undefined && { maxVersion: tls.most }),
    rejectUnauthorized: verifiesCertificate(tls),
    ...(tls.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  }
  if (tls.mode === 'allow') return [false, secured]
  return tls.mode === 'prefer' ? [secured, false] : [secured]
}

async function certificates(tls: Tls): Promise<ConnectionOptions> {
  const { rootCertificate, certificate, key, revoked } = tls
  return {
    ...(believesWellKnown(tls)
      ? { ca: wellKnownAuthorities() }
      : rootCertificate !== undefined && { ca: await readNamed('sslrootcert', rootCertificate) }),
    ...(certificate !== undefined && { cert: await readNamed('sslcert', certificate) }),
    ...(key !== undefined && { key: await readNamed('sslkey', key) }),
    ...(revoked !== undefined && { crl: await readNamed('sslcrl', revoked) }),
  }
}

/** In PEM: those of Mozilla that node brings, and this system's own. */
export function wellKnownAuthorities(): string[] {
  // Node 22.15 and newer; before, node knows of Mozilla's only.
  const lists = typeof getCACertificates === 'function' ? (['default', 'system'] as const) : []
  return [...new Set([...rootCertificates, ...lists.flatMap((list) => getCACertificates(list))])]
}

async function readNamed(parameter: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new LifeboatError('input', `The database URL names a file by ${parameter} that cannot be read.`, {
      hint: `Look at the path, and at who may read it: ${path}.`,
      cause,
    })
  }
}

function isTlsRefusal(error: unknown): boolean {
  return /does not support SSL|no pg_hba\.conf entry|SSL connection|ECONNRESET/i.test(String(error))
}
