import { randomBytes } from 'node:crypto'
import type { Clock } from './catalog/ports.ts'
import { systemClock } from './catalog/ports.ts'
import type { Source } from './catalog/source.ts'
import type { BackupSettings, BackupSurroundings } from './commands/backup-source.ts'
import type { BackupRequest, PostgresBackupRequest, StoreRequest } from './inputs/request.ts'
import type { Surroundings } from './inputs/surroundings.ts'
import { childEnvironment } from './pipeline/process.ts'
import type { ClientSearch } from './postgres/client-tools.ts'
import { installClient, type ClientInstall } from './postgres/client-install.ts'
import { inDatabase, type Connection } from './postgres/connection.ts'
import { commandRunner, patientRunner } from './postgres/run-command.ts'
import { listDatabases } from './postgres/server.ts'
import { openSession } from './postgres/session.ts'
import { postgresSource } from './postgres/source.ts'
import { identityToken } from './report/actions.ts'
import { progressReporter } from './report/progress.ts'
import type { Reporter } from './report/reporter.ts'
import { openDirectoryStore } from './storage/directory.ts'
import type { LifecycleStore } from './storage/lifecycle-store.ts'
import type { ObjectStore, UploadJournal } from './storage/object-store.ts'
import type { ProbedStore } from './storage/probed-store.ts'
import type { PrunableStore } from './storage/prunable-store.ts'
import { s3Credentials } from './storage/s3/credentials.ts'
import { openS3Store } from './storage/s3/s3-store.ts'
import { VERSION } from './version.ts'
import { meilisearchSources } from './wire-meilisearch.ts'

/** How long one attempt to lock a table waits, and how many there are, where the user says nothing. */
const LOCK_WAIT_MS = 10_000
const SNAPSHOT_ATTEMPTS = 12

/** A store that says nothing for so long is asked again, though more patience was asked for with everything else. */
const LONGEST_SILENCE_MS = 120_000

/** What every run of a command is given. */
export interface Run {
  readonly surroundings: Surroundings
  readonly reporter: Reporter
  readonly signal: AbortSignal
}

export async function openStore(
  request: StoreRequest,
  {
    journal,
    signal,
    limits,
  }: {
    journal: UploadJournal
    /** Ends what is asked of the store. */
    signal: AbortSignal
    limits?: Pick<BackupRequest['limits'], 'retries' | 'stallMs' | 'partBytes'>
  },
): Promise<PrunableStore & LifecycleStore & ProbedStore> {
  if (request.kind === 'directory') return openDirectoryStore({ directory: request.path, journal })
  const { bucket, region, endpoint } = request
  const identity =
    request.credentials.kind === 'role'
      ? { ...request.credentials, region, token: () => identityToken('sts.amazonaws.com') }
      : request.credentials
  return openS3Store({
    bucket,
    region,
    journal,
    credentials: await s3Credentials(identity),
    signal,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(limits === undefined
      ? {}
      : { retries: limits.retries, idleMs: Math.min(limits.stallMs, LONGEST_SILENCE_MS) }),
    ...(limits?.partBytes === undefined ? {} : { partBytes: limits.partBytes }),
  })
}

/** What was asked to be backed up. */
export async function sourcesOf(request: BackupRequest, run: Run): Promise<Source[]> {
  return request.source === 'postgres'
    ? await postgresSources(request, run)
    : meilisearchSources(request, run.surroundings)
}

/** One source for each database that was asked for. */
async function postgresSources(request: PostgresBackupRequest, run: Run): Promise<Source[]> {
  const { connection, databases, name, limits } = request
  const all = await databasesOf({ connection, databases }, run.signal)
  return all.map((at) =>
    postgresSource({
      connection: at,
      name: (databases === undefined ? name : undefined) ?? at.database,
      temporary: run.surroundings.temporary,
      fingerprint: request.fingerprint,
      limits: {
        heldMs: limits.snapshotMs,
        lockWaitMs: limits.lockWaitMs ?? LOCK_WAIT_MS,
        attempts: SNAPSHOT_ATTEMPTS,
        ...(limits.yieldMs !== undefined && { yieldMs: limits.yieldMs }),
      },
      tools: toolSearch(request, run),
    }),
  )
}

/** How PostgreSQL's programs are looked for, and brought. */
export function toolSearch(
  { pgBinDir }: { readonly pgBinDir?: string | undefined },
  run: Run,
): Omit<ClientSearch, 'major' | 'log'> {
  const around = toolInstall(run)
  const { path } = run.surroundings
  return { pgBinDir, path, run: around.run, install: (major) => installClient(major, around) }
}

/** What bringing PostgreSQL's programs takes. */
export function toolInstall({ surroundings, signal }: Run): ClientInstall {
  const { platform, arch, programs } = surroundings
  const environment = childEnvironment({})
  return {
    platform,
    arch,
    programs,
    run: commandRunner(environment),
    work: patientRunner(environment, signal),
  }
}

/** Every database that is meant, the server's own list asked for where `databases` is `all`. Throws `connection`. */
export async function databasesOf(
  { connection, databases }: Pick<PostgresBackupRequest, 'connection' | 'databases'>,
  signal: AbortSignal,
): Promise<Connection[]> {
  if (databases === undefined) return [connection]
  const names = databases === 'all' ? await connectableDatabases(connection, signal) : databases
  return names.map((name) => inDatabase(connection, name))
}

async function connectableDatabases(connection: Connection, signal: AbortSignal): Promise<string[]> {
  await using session = await openSession(connection, signal)
  return await listDatabases(session)
}

export function backupSettings({
  prefix,
  compression,
  recipients,
  maxShrink,
  limits,
}: BackupRequest): BackupSettings {
  return { prefix, compression, recipients, maxShrink, stallMs: limits.stallMs }
}

export function backupSurroundings(
  store: ObjectStore,
  { surroundings, reporter, signal }: Run,
): BackupSurroundings {
  const { log } = reporter
  const clock: Clock = systemClock
  return {
    store,
    log,
    clock,
    signal,
    random: () => randomBytes(3).toString('hex'),
    progress: (role, likelyBytes) => progressReporter({ log, clock, label: role, likelyBytes }),
    lifeboat: VERSION,
    run: surroundings.run,
  }
}
