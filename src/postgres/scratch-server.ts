import { chmod, mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run } from '../pipeline/process.ts'
import type { ClientTools } from './client-tools.ts'
import type { Connection } from './connection.ts'
import { renderSettings, scratchSettings, type MachineSize } from './scratch-settings.ts'
import { asOwner, asServerUser, canEnter, chooseServerUser, type ServerUser } from './scratch-user.ts'

export interface ScratchOptions {
  readonly tools: ClientTools
  /** Folders that it may be made in, the best first: a socket's path is short, and its user must come that far. */
  readonly parents: readonly string[]
  readonly machine: MachineSize
  /** Ours. */
  readonly uid: number
  /** Another long secret at each call. */
  readonly secret: () => string
  /** Told before anything is made, so that whoever comes after a kill can remove it. */
  readonly remember: (left: ScratchLeft) => void
  readonly log: Log
  readonly signal: AbortSignal
}

/** What is left of a server whose process was killed: plain data, for the step's state. */
export interface ScratchLeft {
  readonly folder: string
  readonly user: ServerUser
  readonly tools: Pick<ClientTools, 'directory' | 'environment'>
}

export interface ScratchServer extends AsyncDisposable {
  /** As the superuser, in the database postgres. */
  readonly superuser: Connection
  /** What the reader should know of how well it is fenced in. */
  readonly notes: readonly string[]
  /** The last lines that the server said. */
  lastWords(): Promise<string>
}

const LONGEST_SOCKET_PATH = 107
const PORT = 5432
const START_MS = 120_000
const STOP_MS = 60_000
const SUPERUSER = 'lifeboat_superuser'

/**
 * Starts a PostgreSQL server of its own: own folder, unix socket only, no network, nothing synced to disk. Disposing
 * of it ends the server and removes its files.
 */
export async function startScratchServer(options: ScratchOptions): Promise<ScratchServer> {
  const { tools, log, signal } = options
  const user = await chooseServerUser(options.uid, { programs: tools.directory, signal })
  const folder = await makeFolder(user, options.parents)
  const left: ScratchLeft = {
    folder,
    user,
    tools: { directory: tools.directory, environment: tools.environment },
  }
  options.remember(left)
  try {
    const password = options.secret()
    await initialise(left, password, options)
    await start(left, options)
    const who = user.other === undefined ? 'this user' : `the user ${user.other.name}`
    const net = user.offline.length > 0 ? ', without a network' : ''
    log.info(`A throwaway PostgreSQL ${tools.version} runs in ${folder} as ${who}${net}.`)
    return {
      superuser: {
        host: socketFolder(left),
        port: PORT,
        user: SUPERUSER,
        password,
        database: 'postgres',
        tls: { mode: 'disable', rootCertificate: undefined, certificate: undefined, key: undefined },
        connectTimeout: 30,
        serverOptions: undefined,
        channelBinding: undefined,
      },
      notes: notesOf(user),
      lastWords: () => readLog(left),
      [Symbol.asyncDispose]: () => removeScratch(left),
    }
  } catch (error) {
    await removeScratch(left)
    throw error
  }
}

/** Ends the server where it still runs and removes its files. Nothing there is no error. */
export async function removeScratch({ folder, user, tools }: ScratchLeft): Promise<void> {
  if (!existsSync(folder)) return
  // A cancelled run has to clean up too.
  const signal = new AbortController().signal
  const script = '"$0" -D "$1" -m immediate -w stop >/dev/null 2>&1 || ! "$0" -D "$1" status >/dev/null 2>&1'
  const words = ['sh', '-c', script, join(tools.directory, 'pg_ctl'), dataFolder({ folder })]
  const [command, ...args] = asServerUser(user, words, { environment: serverEnvironment(tools) })
  await run(command, args, { env: childEnvironment(), timeoutMs: STOP_MS, signal })
  const [remove, ...paths] = asOwner(user, ['rm', '-rf', '--', socketFolder({ folder })])
  await run(remove, paths, { env: childEnvironment(), timeoutMs: STOP_MS, signal })
  await rm(folder, { recursive: true, force: true })
}

function socketFolder({ folder }: Pick<ScratchLeft, 'folder'>): string {
  return join(folder, 's')
}

function dataFolder(left: Pick<ScratchLeft, 'folder'>): string {
  return join(socketFolder(left), 'data')
}

function serverEnvironment(tools: Pick<ClientTools, 'environment'>): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', ...tools.environment }
}

async function makeFolder(user: ServerUser, parents: readonly string[]): Promise<string> {
  for (const parent of parents) {
    const longest = join(parent, 'lifeboat-scratch-XXXXXX', 's', `.s.PGSQL.${PORT}`)
    if (Buffer.byteLength(longest) > LONGEST_SOCKET_PATH || !existsSync(parent)) continue
    if (await canEnter(user, parent)) return mkdtemp(join(parent, 'lifeboat-scratch-'))
  }
  throw new LifeboatError('platform', `The throwaway server can be put into none of ${parents.join(', ')}.`, {
    hint: "Its folder's path must be short, and the user that the server runs as must be able to enter it.",
  })
}

async function initialise(left: ScratchLeft, password: string, { signal }: ScratchOptions): Promise<void> {
  const { folder, user, tools } = left
  const environment = serverEnvironment(tools)
  await chmod(folder, 0o711)
  await mkdir(socketFolder(left), { mode: 0o711 })
  if (user.other !== undefined) {
    const { uid, gid } = user.other
    const [command, ...args] = asOwner(user, ['chown', `${uid}:${gid}`, socketFolder(left)])
    await run(command, args, { env: childEnvironment(), timeoutMs: STOP_MS, signal })
  }
  const data = dataFolder(left)
  const initdb = [
    ...[
      join(tools.directory, 'initdb'),
      '-D',
      data,
      '-U',
      SUPERUSER,
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    ...['--auth=scram-sha-256', `--pwfile=${data}.password`],
  ]
  // The password comes in by a pipe: arguments can be seen by everybody.
  const script = 'umask 077 && cat > "$0" && "$@" && rm "$0"'
  const [command, ...args] = asServerUser(user, ['sh', '-c', script, `${data}.password`, ...initdb], {
    environment,
  })
  await run(command, args, { env: childEnvironment(), timeoutMs: START_MS, signal, input: `${password}\n` })

  const hbaFile = join(folder, 'pg_hba.conf')
  await writeFile(hbaFile, 'local all all scram-sha-256\n')
}

async function start(left: ScratchLeft, { machine, signal }: ScratchOptions): Promise<void> {
  const { folder, user, tools } = left
  const config = join(folder, 'postgresql.conf')
  const { bavail, bsize } = await statfs(folder)
  const places = {
    socketFolder: socketFolder(left),
    hbaFile: join(folder, 'pg_hba.conf'),
    freeBytes: bavail * bsize,
  }
  await writeFile(config, renderSettings(scratchSettings(machine, places)))
  await Promise.all([chmod(config, 0o644), chmod(places.hbaFile, 0o644)])
  const words = [
    ...[join(tools.directory, 'pg_ctl'), '-D', dataFolder(left), '-l', logFile(left), '-w', '-t', '100'],
    ...['-o', `-p ${PORT} -c 'config_file=${config}'`, 'start'],
  ]
  const options = { environment: serverEnvironment(tools), online: false }
  const [command, ...args] = asServerUser(user, words, options)
  try {
    await run(command, args, { env: childEnvironment(), timeoutMs: START_MS, signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new LifeboatError('platform', `The throwaway server does not start: ${await readLog(left)}`, {
      hint: 'Its own words stand above. A service container as target-database-url does without it.',
      cause,
    })
  }
}

function logFile(left: Pick<ScratchLeft, 'folder'>): string {
  return join(socketFolder(left), 'log')
}

async function readLog(left: ScratchLeft): Promise<string> {
  const [command, ...args] = asServerUser(left.user, ['tail', '-n', '20', logFile(left)], { environment: {} })
  const signal = new AbortController().signal
  const text = await run(command, args, { env: childEnvironment(), timeoutMs: STOP_MS, signal }).catch(
    () => '',
  )
  return text.trim()
}

function notesOf({ other, offline }: ServerUser): string[] {
  return [
    ...(other === undefined
      ? ['The throwaway server runs as the same user as this step: neither root nor sudo was to be had.']
      : []),
    ...(offline.length === 0 ? ['The throwaway server could not be cut off from the network.'] : []),
  ]
}
