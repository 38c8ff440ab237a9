import { advice, failed, failedBy, passed, type Examination, type Finding } from '../catalog/finding.ts'
import type { Log } from '../catalog/ports.ts'
import { findClientTools, type ClientSearch } from './client-tools.ts'
import { describeConnection, type Connection } from './connection.ts'
import { examineAddresses, type Resolve } from './examine-addresses.ts'
import { examineExtensions, type ExtensionSearch } from './examine-extensions.ts'
import { examineRights } from './examine-rights.ts'
import { assertDamageShows } from './hidden-damage.ts'
import { describeServer, type Server } from './server.ts'
import { openSession, type Session } from './session.ts'

export interface DatabaseExamination {
  readonly connection: Connection
  readonly tools: Omit<ClientSearch, 'major' | 'log'>
  readonly extensions: ExtensionSearch
  readonly resolve: Resolve
  readonly log: Log
}

/** Whether a database can be backed up from here, and whether everything in it can be read. Changes nothing. */
export function databaseExamination(options: DatabaseExamination): Examination {
  const { database } = options.connection
  return { area: `Database "${database}"`, examine: (signal) => examine(options, signal) }
}

async function* examine(
  { connection, tools, extensions, resolve, log }: DatabaseExamination,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  yield* examineAddresses(connection.host, resolve)
  let session: Session
  try {
    session = await openSession(connection, signal)
  } catch (error) {
    yield failedBy('reachable', error)
    return
  }
  await using open = session
  yield passed('reachable', `${describeConnection(connection)} as ${connection.user}.`)
  yield await encryption(open, connection)
  let server: Server
  try {
    server = await describeServer(open)
  } catch (error) {
    yield failedBy('version', error)
    return
  }
  yield passed('version', `PostgreSQL ${server.version}${server.standby ? ', a standby' : ''}.`)
  yield await damage(open)
  yield await client(server, { ...tools, log })
  yield* examineRights(open, server)
  yield* examineExtensions(open, server, extensions)
}

async function encryption(session: Session, { host, tls }: Connection): Promise<Finding> {
  const name = 'TLS'
  const [row] = await session.query(
    'SELECT ssl, version, cipher FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()',
  )
  if (row?.ssl === 't') {
    const found = `${row.version ?? 'TLS'}, ${row.cipher ?? ''}`
    if (tls.mode.startsWith('verify')) return passed(name, `${found}, certificate verified (${tls.mode}).`)
    return advice(
      name,
      `${found}, but nobody looks whose certificate it is (sslmode=${tls.mode}).`,
      "Append sslmode=verify-full to the URL, with sslrootcert=<file> where the provider's authority is not a public one.",
    )
  }
  if (host.startsWith('/') || /^(localhost|127\..*|::1)$/.test(host)) {
    return passed(name, 'none, and none is needed: the server is on this machine.')
  }
  return failed(
    name,
    'the connection is not encrypted: password and data can be read on the way.',
    'Append sslmode=verify-full (or require) to the URL, and switch ssl on in the server.',
  )
}

async function damage(session: Session): Promise<Finding> {
  const name = 'damage'
  try {
    await assertDamageShows(session)
    return passed(name, 'the server says so where it reads a damaged page.')
  } catch (error) {
    return failedBy(name, error)
  }
}

async function client(server: Server, search: Omit<ClientSearch, 'major'>): Promise<Finding> {
  const name = 'client tools'
  try {
    const found = await findClientTools({ ...search, major: server.major })
    return passed(name, `pg_dump ${found.version} in ${found.directory}.`)
  } catch (error) {
    return failedBy(name, error)
  }
}
