import { chmod, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run, startProcess, type StreamingProcess } from '../pipeline/process.ts'
import type { ClientTools } from './client-tools.ts'
import type { Connection } from './connection.ts'
import { canEnter } from './enter.ts'
import { chooseFence, type Fence, type Isolation } from './fence.ts'
import {
  dataFolder,
  hbaFile,
  inFence,
  initialise,
  makeScratchFolder,
  removeScratch,
  SCRATCH_PORT,
  SCRATCH_SUPERUSER,
  socketFolder,
  type ScratchLeft,
} from './scratch-files.ts'
import { renderSettings, scratchSettings, type MachineSize } from './scratch-settings.ts'
import { parseServerLog, type ServerError } from './server-errors.ts'
import { openSession } from './session.ts'

export interface ScratchOptions {
  readonly tools: ClientTools
  /** Folders that it may be made in, the best first: a socket's path is short, and its user must come that far. */
  readonly parents: readonly string[]
  readonly machine: MachineSize
  /** Ours. */
  readonly uid: number
  readonly isolation: Isolation
  /** Another long secret at each call. */
  readonly secret: () => string
  /** An integer from 0 up to below its argument. */
  readonly random: (below: number) => number
  /** Told before anything is made, so that whoever comes after a kill can remove it. */
  readonly remember: (left: ScratchLeft) => void
  readonly log: Log
  readonly signal: AbortSignal
}

export interface ScratchServer extends AsyncDisposable {
  /** As the superuser, in the database postgres. */
  readonly superuser: Connection
  /** What the reader should know of how well it is fenced in. */
  readonly notes: readonly string[]
  /** The last lines that the server said. */
  lastWords(): Promise<string>
  /** The errors in its log, the latest 4 MB of it. */
  errors(): Promise<readonly ServerError[]>
}

const START_MS = 120_000
const PAUSE_MS = 50
const READ_MS = 20_000

/**
 * Starts a PostgreSQL server of its own: own folder, unix socket only, a user of its own, no network, nothing synced to
 * disk. Disposing of it ends the server, whatever it started, and removes its files.
 */
export async function startScratchServer(options: ScratchOptions): Promise<ScratchServer> {
  const { tools, parents, uid, isolation, random, log, signal } = options
  const fence = await chooseFence({ uid, isolation, folders: parents, random, signal })
  if (!(await canEnter(fence, tools.directory))) {
    throw new LifeboatError(
      'platform',
      `The user that the throwaway server would run as may not enter ${tools.directory}.`,
      {
        hint: 'Open the folders above it to others (chmod o+x), or set pg-bin-dir to programs that all may run.',
      },
    )
  }
  const folder = await makeScratchFolder(fence, parents)
  const left = { folder, fence, tools: { directory: tools.directory, environment: tools.environment } }
  options.remember(left)
  const password = options.secret()
  const superuser: Connection = {
    host: socketFolder(left),
    port: SCRATCH_PORT,
    user: SCRATCH_SUPERUSER,
    password,
    database: 'postgres',
    tls: { mode: 'disable', rootCertificate: undefined, certificate: undefined, key: undefined },
    connectTimeout: 30,
    serverOptions: undefined,
    channelBinding: undefined,
  }
  let server: StreamingProcess | undefined
  const dispose = async (): Promise<void> => {
    await removeScratch(left)
    await server?.stop()
  }
  try {
    await initialise(left, password, signal)
    server = await launch(left, options.machine)
    await answering(server, superuser, { left, signal })
    log.info(`A throwaway PostgreSQL ${tools.version} runs in ${folder} as ${describe(fence)}.`)
    return {
      superuser,
      notes: missingOf(fence),
      lastWords: () => readLog(left),
      errors: async () => parseServerLog(await readLog(left, ['-c', '4000000'])),
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

async function launch(left: ScratchLeft, machine: MachineSize): Promise<StreamingProcess> {
  const config = join(left.folder, 'postgresql.conf')
  const { bavail, bsize } = await statfs(left.folder)
  const places = {
    socketFolder: socketFolder(left),
    hbaFile: hbaFile(left),
    freeBytes: bavail * bsize,
  }
  await writeFile(config, renderSettings(scratchSettings(machine, places)))
  await Promise.all([config, places.hbaFile].map((file) => chmod(file, 0o644)))
  const postgres = [join(left.tools.directory, 'postgres'), '-D', dataFolder(left)]
  const settings = ['-p', String(SCRATCH_PORT), '-c', `config_file=${config}`]
  // It stays our child: a namespace of processes lives as long as its first.
  const logged = ['sh', '-c', 'exec "$@" >> "$0" 2>&1', logFile(left), ...postgres, ...settings]
  const [command, ...args] = inFence(left, logged)
  const label = 'the throwaway server'
  const server = startProcess({ kind: 'process', label, command, args, env: childEnvironment() }, 'ignore')
  server.stdout.resume()
  return server
}

/** Resolves when the server lets its superuser in. */
async function answering(
  server: StreamingProcess,
  superuser: Connection,
  { left, signal }: { left: ScratchLeft; signal: AbortSignal },
): Promise<void> {
  const until = performance.now() + START_MS
  let last: unknown
  while (server.exit === undefined && performance.now() < until) {
    try {
      await using _session = await openSession(superuser, signal)
      return
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof LifeboatError)) throw error
      last = error
    }
    await Promise.race([sleep(PAUSE_MS), server.exited])
  }
  const said = [server.complaint, await readLog(left)].filter((words) => words !== '').join('\n')
  throw new LifeboatError('platform', `The throwaway server does not start: ${said}`, {
    hint: 'Its own words stand above. A service container as target-database-url does without it.',
    cause: last,
  })
}

function logFile(left: Pick<ScratchLeft, 'folder'>): string {
  return join(socketFolder(left), 'log')
}

async function readLog(left: ScratchLeft, how: readonly string[] = ['-n', '20']): Promise<string> {
  const [command, ...args] = inFence(left, ['tail', ...how, logFile(left)])
  const { signal } = new AbortController()
  const text = await run(command, args, { env: childEnvironment(), timeoutMs: READ_MS, signal }).catch(
    () => '',
  )
  return text.trim()
}

function describe(fence: Fence): string {
  const who = {
    'own-user': (id: number) => `user ${id}, which nothing else here has`,
    namespace: () => 'an ordinary user in a namespace of its own',
    'shared-user': () => 'this user',
  }[fence.kind](fence.kind === 'own-user' ? fence.id : 0)
  return `${who}${fence.offline ? ', without a network' : ''}`
}

/** One sentence for each thing that a better machine would have given. */
function missingOf(fence: Fence): string[] {
  return [
    ...(fence.kind === 'shared-user'
      ? [
          'The throwaway server ran as the same user as this step, as isolation: shared-user allows: what the dump made it do could read the step’s secrets.',
        ]
      : []),
    ...(fence.offline ? [] : ['The throwaway server could not be cut off from the network.']),
    ...(fence.apart
      ? []
      : [
          'The throwaway server had no namespace of processes and files of its own' +
            (fence.kind === 'own-user' ? `: all processes of its user ${fence.id} were ended with it.` : '.'),
        ]),
  ]
}
