import type { ArtifactContent, Captured, CaptureContext, Source } from '../catalog/source.ts'
import { stopwatch, type Stopwatch } from '../catalog/stopwatch.ts'
import { LifeboatError } from '../errors.ts'
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
import { GaveWay, watchLocks } from './lock-watch.ts'
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
  const { limits } = options
  const { log, clock } = context
  const watch = stopwatch(clock)

  const { server, tools, forDump } = await log.group('Server and client', () => preflight(options, context))
  await using access = await libpqAccess(forDump, options.temporary)
  const environment = childEnvironment(access.environment)
  watch.lap('prepare')

  const waits: string[] = []
  for (let attempt = 1; ; attempt++) {
    try {
      const captured = await captureOnce(options, context, {
        server,
        tools,
        environment,
        watch,
        waited: (sentence) => waits.push(sentence),
      })
      return { ...captured, waits }
    } catch (error) {
      if (!(error instanceof GaveWay)) throw error
      if (attempt >= limits.attempts) throw spent(error, attempt)
      log.info(
        `Let go of the locks, starting over (attempt ${attempt} of ${limits.attempts}): ${error.message}`,
      )
    }
  }
}

interface Prepared {
  readonly server: Server
  readonly tools: ClientTools
  /** Of pg_dump. */
  readonly environment: Readonly<Record<string, string>>
  readonly watch: Stopwatch
  readonly waited: (sentence: string) => void
}

/** Throws `GaveWay` where the locks of the backup stood in somebody's way. */
async function captureOnce(
  options: PostgresSourceOptions,
  context: CaptureContext,
  prepared: Prepared,
): Promise<Captured> {
  const { connection, limits } = options
  const { log, clock, signal } = context
  await using snapshot = await holdSnapshot(connection, { limits, clock, log, signal })
  const application = `lifeboat-${snapshot.session.pid}`
  const abandon = (reason: GaveWay): void => snapshot.abandon(reason)
  const { waited } = prepared
  const watched = { holder: snapshot.session.pid, application, abandon, yieldMs: limits.yieldMs, waited }
  await using _locks = await watchLocks(connection, watched, { clock, log, signal })
  try {
    return await captureSnapshot(options, context, { ...prepared, snapshot, application })
  } catch (error) {
    const { reason } = snapshot.signal as { reason: unknown }
    throw reason instanceof GaveWay ? reason : error
  }
}

async function captureSnapshot(
  options: PostgresSourceOptions,
  context: CaptureContext,
  {
    server,
    tools,
    environment,
    watch,
    snapshot,
    application,
  }: Prepared & { snapshot: Snapshot; application: string },
): Promise<Captured> {
  const connection = { ...options.connection, applicationName: application }
  context.log.info(
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
        environment: { ...environment, PGAPPNAME: application },
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

function spent({ message }: GaveWay, attempts: number): LifeboatError {
  return new LifeboatError('snapshot', `The backup gave way ${attempts} times: ${message}`, {
    hint: 'Run it when no migration or maintenance runs, or give it more time: a longer limits: yield=….',
  })
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
