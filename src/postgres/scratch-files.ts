import { existsSync } from 'node:fs'
import { access, chmod, constants, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run } from '../pipeline/process.ts'
import type { ClientTools } from './client-tools.ts'
import { canEnter } from './enter.ts'
import { endFenced } from './fence-end.ts'
import { asRoot, becoming, fenced, type Fence, type FencedPlaces } from './fence.ts'

/** What is left of a server whose process was killed: plain data, for the step's state. */
export interface ScratchLeft {
  readonly folder: string
  readonly fence: Fence
  readonly tools: Pick<ClientTools, 'directory' | 'environment'>
}

const LONGEST_SOCKET_PATH = 107
const INIT_MS = 120_000
const REMOVE_MS = 60_000
export const SCRATCH_PORT = 5432
export const SCRATCH_SUPERUSER = 'lifeboat_superuser'

/** The server's own: what it may write, and its socket. */
export function socketFolder({ folder }: Pick<ScratchLeft, 'folder'>): string {
  return join(folder, 's')
}

export function dataFolder(left: Pick<ScratchLeft, 'folder'>): string {
  return join(socketFolder(left), 'data')
}

export function hbaFile({ folder }: Pick<ScratchLeft, 'folder'>): string {
  return join(folder, 'pg_hba.conf')
}

/** A command behind the server's fence, in the server's environment. */
export function inFence(left: ScratchLeft, command: readonly string[]): readonly [string, ...string[]] {
  const { folder, fence, tools } = left
  const places: FencedPlaces = {
    own: socketFolder(left),
    root: join(folder, 'root'),
    readable: [folder, programRoot(tools.directory)],
  }
  return fenced(fence, command, { environment: environmentOf(tools), places })
}

/** Makes the folder of a server, in the first of `parents` that its fence and a socket's path allow. */
export async function makeScratchFolder(fence: Fence, parents: readonly string[]): Promise<string> {
  for (const parent of parents) {
    const longest = join(parent, 'lifeboat-scratch-XXXXXX', 's', `.s.PGSQL.${SCRATCH_PORT}`)
    if (Buffer.byteLength(longest) > LONGEST_SOCKET_PATH || !existsSync(parent)) continue
    const writable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    )
    if (writable && (await canEnter(fence, parent))) return mkdtemp(join(parent, 'lifeboat-scratch-'))
  }
  throw new LifeboatError('platform', `The throwaway server can be put into none of ${parents.join(', ')}.`, {
    hint: "Its folder's path must be short, and the user that the server runs as must be able to enter it.",
  })
}

/**
 * Makes the server's files, which belong to its user in the end. Nobody but that user and ours comes into the folder at
 * any time: neither to the files nor to the socket.
 */
export async function initialise(left: ScratchLeft, password: string, signal: AbortSignal): Promise<void> {
  const { folder, fence } = left
  const own = socketFolder(left)
  const data = dataFolder(left)
  await mkdir(join(folder, 'root'))
  await mkdir(own, { mode: 0o711 })
  await writeFile(hbaFile(left), 'local all all scram-sha-256\n')
  const asked = (command: readonly string[], input?: string): Promise<string> => {
    const [program = '', ...args] = command
    const more = input === undefined ? {} : { input }
    return run(program, args, { env: childEnvironment(), timeoutMs: INIT_MS, signal, ...more })
  }
  const initdb = [
    ...[join(left.tools.directory, 'initdb'), '-D', data, '-U', SCRATCH_SUPERUSER, '-E', 'UTF8'],
    ...['--locale=C', '--no-sync', '--auth=scram-sha-256', `--pwfile=${data}.password`],
  ]
  // The password comes in by a pipe: arguments can be seen by everybody.
  const script = ['sh', '-c', 'umask 077 && cat > "$0" && "$@" && rm "$0"', `${data}.password`, ...initdb]
  if (fence.kind !== 'own-user') {
    await asked(inFence(left, script), `${password}\n`)
    return
  }
  // `initdb` wants an entry in passwd, which the server's user has not. It runs as nobody, whom others may be too: the
  // group, which nobody else has, keeps them out of the folder.
  const nobody = await nobodysId()
  await asked(asRoot(fence, ['chgrp', String(fence.id), folder]))
  await chmod(folder, 0o710)
  await asked(asRoot(fence, ['chown', `${nobody}:${fence.id}`, own]))
  const bare = ['env', '-i', ...assignments(environmentOf(left.tools)), ...script]
  await asked(asRoot(fence, [...becoming(nobody, fence.id), ...bare]), `${password}\n`)
  await asked(asRoot(fence, ['chown', '-hR', `${fence.id}:${fence.id}`, own]))
}

/** Ends what still runs and removes the files. Nothing there is no error. */
export async function removeScratch({ folder, fence }: Pick<ScratchLeft, 'folder' | 'fence'>): Promise<void> {
  await endFenced(fence, folder)
  if (!existsSync(folder)) return
  const [remove, ...paths] = asRoot(fence, ['rm', '-rf', '--', socketFolder({ folder })])
  // A cancelled run has to clean up too.
  const { signal } = new AbortController()
  await run(remove, paths, { env: childEnvironment(), timeoutMs: REMOVE_MS, signal })
  await rm(folder, { recursive: true, force: true })
}

function environmentOf(tools: Pick<ClientTools, 'environment'>): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', ...tools.environment }
}

function assignments(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`)
}

/** The folder that has PostgreSQL's programs and, at their side or above, its libraries and files. */
function programRoot(directory: string): string {
  const unpacked = /^(.+)\/usr\/lib\/postgresql\/\d+\/bin$/.exec(directory)?.[1]
  return unpacked ?? dirname(directory)
}

async function nobodysId(): Promise<number> {
  const passwd = await readFile('/etc/passwd', 'utf8')
  const id = Number(
    passwd
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':')[2],
  )
  if (id > 0) return id
  throw new LifeboatError('platform', 'There is no user nobody here, as whom initdb could run.', {
    hint: 'Add one (useradd --system nobody), or give target-database-url.',
  })
}
