import type { ArtifactContent, Captured, CaptureContext, Source } from '../catalog/source.ts'
import { stopwatch } from '../catalog/stopwatch.ts'
import { childEnvironment } from '../pipeline/process.ts'
import { together } from '../pipeline/together.ts'
import { findClientTools, type ClientSearch, type ClientTools } from './client-tools.ts'
import { describeConnection, type Connection } from './connection.ts'
import { renderContents, type Contents } from './contents.ts'
import { dumpStage } from './dump.ts'
import { largestTables, sourceFacts } from './facts.ts'
import type { FingerprintDepth } from './fingerprint.ts'
import { readGlobals, renderGlobals, type Globals } from './globals.ts'
import { assertDamageShows } from './hidden-damage.ts'
import { libpqAccess } from './libpq.ts'
import { assertReadable } from './privileges.ts'
import { dumpInWords } from './query-failure.ts'
import { readContents, type SnapshotContents } from './read-contents.ts'
import { readSequences, sequenceIntervals } from './sequences.ts'
import { describeServer, type Server } from './server.ts'
import { openSession } from './session.ts'
import { holdSnapshot, type Snapshot, type SnapshotLimits } from './snapshot.ts'
import { tablesWithRows } from './tables.ts'
import { connectionForDump } from './value-settings.ts'

export interface PostgresSourceOptions {
  readonly connection: Connection
  /** What the backup is called. */
  readonly name: string
  readonly fingerprint: FingerprintDepth
  readonly limits: SnapshotLimits
  readonly tools: Omit<ClientSearch, 'major' | 'log'>
  /** An existing directory of ours, for the passfile. */
  readonly temporary: string
}

/** One PostgreSQL database. */
export function postgresSource(options: PostgresSourceOptions): Source {
  return { kind: 'postgres', name: options.name, capture: (context) => capture(options, context) }
}

async function capture(options: PostgresSourceOptions, context: CaptureContext): Promise<Captured> {
  const { connection, limits } = options
  const { log, clock } = context
  const watch = stopwatch(clock)

  const { server, tools, forDump } = await log.group('Server and client', () => preflight(options, context))
  await using access = await libpqAccess(forDump, options.temporary)
  const environment = childEnvironment(access.environment)
  watch.lap('prepare')

  await using snapshot = await holdSnapshot(connection, { limits, clock, log, signal: context.signal })
  log.info(
    `Snapshot of ${snapshot.time.toISOString()}: ${snapshot.tables.length} tables locked against change.`,
  )
  watch.lap('snapshot')

  const write = context.begin(snapshot.time)
  const before = await readSequences(connection, snapshot.signal)
  const dump: ArtifactContent = {
    role: 'dump',
    open: () =>
      dumpStage(tools, {
        snapshot: snapshot.id,
        encoding: server.encoding,
        lockWaitMs: limits.lockWaitMs,
        environment,
      }),
    sourceBytes: server.databaseBytes,
  }
  const [dumped, [read, globals]] = await together(
    snapshot.signal,
    (signal) =>
      write(dump, signal).catch((error: unknown) => {
        throw dumpInWords(error)
      }),
    async (signal): Promise<[SnapshotContents, Globals]> => {
      const end = watch.begin('fingerprint')
      signal.addEventListener('abort', () => snapshot.abandon(signal.reason), { once: true })
      const tables = tablesWithRows(snapshot.tables, server)
      const contents = await readContents(snapshot.session, tables, options.fingerprint)
      end()
      return [contents, await readGlobalsWithin(snapshot, connection.database)]
    },
  )
  watch.lap('dump')

  const sequences = sequenceIntervals(before, await readSequences(connection, snapshot.signal))
  const contents: Contents = { ...read, sequences }
  const small = [
    ...(globals.refused === undefined ? [bytes('globals', renderGlobals(globals))] : []),
    bytes('contents', renderContents(contents)),
  ]
  const artifacts = [dumped]
  for (const content of small) artifacts.push(await write(content, snapshot.signal))
  watch.lap('globals and fingerprint')

  const { database } = connection
  const facts = { database, server, tools, snapshot, contents, artifacts, globals }
  return { facts: sourceFacts({ ...facts, seconds: watch.seconds() }), largest: largestTables(contents) }
}

/** Who may not read them is refused, and an error ends a transaction: the snapshot must survive it. */
async function readGlobalsWithin({ session }: Snapshot, database: string): Promise<Globals> {
  await session.query('SAVEPOINT before_globals')
  const globals = await readGlobals(session, database)
  await session.query('ROLLBACK TO SAVEPOINT before_globals')
  return globals
}

/** Whatever can fail for a reason that somebody can mend, before anything is locked or written. */
async function preflight(
  { connection, tools }: PostgresSourceOptions,
  { log, signal }: CaptureContext,
): Promise<{ server: Server; tools: ClientTools; forDump: Connection }> {
  await using session = await openSession(connection, signal)
  const server = await describeServer(session)
  const standby = server.standby ? ', a standby' : ''
  log.info(`${describeConnection(connection)}: PostgreSQL ${server.version}${standby}, ${server.encoding}.`)
  await assertDamageShows(session)
  await assertReadable(session, server)
  const found = await findClientTools({ ...tools, major: server.major, log })
  log.info(`pg_dump ${found.version} from ${found.directory}.`)
  return { server, tools: found, forDump: await connectionForDump(connection, session, signal) }
}

function bytes(role: 'globals' | 'contents', content: Buffer): ArtifactContent {
  return { role, open: () => ({ kind: 'bytes', label: role, bytes: [content] }), sourceBytes: content.length }
}
