import { manifestOf, type Manifest, type PostgresManifest } from '../catalog/manifest.ts'
import type { RestoreContext } from '../catalog/restorer.ts'
import { LifeboatError } from '../errors.ts'
import { findClientTools, type ClientSearch, type ClientTools } from './client-tools.ts'
import { describeConnection, type Connection } from './connection.ts'
import { obstacles } from './cut-over.ts'
import { openSession, type Session } from './session.ts'
import { assertEmpty, freeOnServer, lookAtTarget, type TargetDatabase } from './target-database.ts'

export interface PostgresRestorerOptions {
  /** Where the backup goes. */
  readonly target: Connection
  /** Restores beside the target and puts the result in its place. */
  readonly clean: boolean
  /** Patterns of what is restored; empty: everything. */
  readonly only: readonly string[]
  readonly tools: Omit<ClientSearch, 'major' | 'log'>
  /** An existing directory of ours. */
  readonly temporary: string
  /** How much pg_restore does at a time. */
  readonly jobs: number
  /** Milliseconds in which nothing happens on the server, after which it is given up. */
  readonly stallMs: number
}

/** What a restore knows before it begins. */
export interface Prepared {
  readonly options: PostgresRestorerOptions
  readonly found: TargetDatabase
  readonly tools: ClientTools
  /** Whether the result can take the place of the target. */
  readonly hindered: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Looks at the database that a backup is to go into, and refuses what cannot end well, before anything is fetched. Throws
 * `input`, `privilege`, `platform`, `connection` or `client-tools`.
 */
export async function prepareRestore(
  options: PostgresRestorerOptions,
  given: Manifest | undefined,
  { log, signal }: RestoreContext,
): Promise<Prepared> {
  const manifest = given && manifestOf('postgres', given)
  const { target, clean, only } = options
  await using session = await openSession(target, signal)
  const found = await lookAtTarget(session)
  log.info(`${describeConnection(target)}: PostgreSQL ${found.server.version}, as ${found.role.name}.`)
  if (found.server.standby) {
    throw new LifeboatError(
      'input',
      `${describeConnection(target)} is a standby: nothing can be written there.`,
      {
        hint: 'Give the primary as target-database-url.',
      },
    )
  }
  const notes: string[] = []
  if (found.role.superuser) {
    notes.push(
      `${found.role.name} is a superuser: what the backup holds (defaults, triggers, functions of its indexes) runs with all its rights, on the server's machine too.`,
    )
  }
  const sourceMajor = manifest && Math.floor(manifest.server.versionNumber / 10_000)
  if (sourceMajor !== undefined && sourceMajor > found.server.major) {
    notes.push(
      `The backup is of PostgreSQL ${sourceMajor}, this server is ${found.server.major}: what is new in ${sourceMajor} fails here.`,
    )
  }
  if (!clean && only.length === 0) assertEmpty(found, target)
  const hindered = clean ? obstacles(found) : []
  if (clean && !found.role.createDatabase) {
    throw new LifeboatError('privilege', `clean: ${hindered.join('; ')}.`, {
      hint: `ALTER ROLE … CREATEDB, or make an empty database yourself and give it as target-database-url and confirm. "${target.database}" was not touched.`,
    })
  }
  if (clean) notes.push(await aboutDisk(session, options, manifest))
  // What a newer pg_dump wrote an older pg_restore may not read.
  const major = Math.max(found.server.major, sourceMajor ?? 0)
  const tools = await findClientTools({ ...options.tools, major, log })
  for (const note of [...hindered.map((each) => `clean: ${each}.`), ...notes]) log.notice(note)
  return { options, found, tools, hindered, notes }
}

async function aboutDisk(
  session: Session,
  { target }: PostgresRestorerOptions,
  manifest: PostgresManifest | undefined,
): Promise<string> {
  const free = await freeOnServer(session, target)
  const wanted = manifest?.contents.databaseBytes
  if (free === undefined || wanted === undefined) {
    return 'Room on the server for a second database: NOT MEASURED, its disk cannot be seen from here.'
  }
  if (free > wanted * 1.1)
    return `Room on the server for a second database: ${free} bytes free, about ${wanted} needed.`
  throw new LifeboatError(
    'platform',
    `clean: the server has ${free} bytes free, and a second database takes about ${wanted}.`,
    { hint: `Make room, or restore onto another server. "${target.database}" was not touched.` },
  )
}
