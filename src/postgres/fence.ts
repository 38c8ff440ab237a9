import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run } from '../pipeline/process.ts'
import { ONE_FOLDER, SMALL_ROOT } from './fence-scripts.ts'
import { spareId } from './spare-id.ts'

/** What may stand between this step and what a dump makes a server do. */
export type Isolation = 'own-user' | 'shared-user'

/**
 * How something runs that is not trusted. Plain data: the post step reads it back.
 * `own-user`: as a user that nothing else on the machine has, by root or `sudo -n`. `namespace`: in a user namespace,
 * from where our environment, memory and files are out of reach. `shared-user`: as ourselves.
 */
export type Fence = FenceKind & {
  /** In namespaces of processes, files and shared memory, where it sees and writes its own only. */
  readonly apart: boolean
  /** Without a network. */
  readonly offline: boolean
}

type FenceKind =
  | { readonly kind: 'own-user'; readonly id: number; readonly sudo: boolean }
  | { readonly kind: 'namespace' }
  | { readonly kind: 'shared-user' }

/** Where it works. */
export interface FencedPlaces {
  /** The only folder that it may write. */
  readonly own: string
  /** Empty; a root folder is built on it. */
  readonly root: string
  /** What else it may read, beside the system's programs. */
  readonly readable: readonly string[]
}

export interface FenceWanted {
  /** Ours. */
  readonly uid: number
  readonly isolation: Isolation
  /** Folders in which earlier runs may have left something. */
  readonly folders: readonly string[]
  /** An integer from 0 up to below its argument. */
  readonly random: (below: number) => number
  readonly signal: AbortSignal
}

const LIMIT_MS = 20_000
const LEVELS = [
  { apart: true, offline: true },
  { apart: true, offline: false },
  { apart: false, offline: true },
] as const

/**
 * The best fence that this machine gives. Each is tried out with a command that does nothing. Throws `platform` where
 * there is none, unless the user said `shared-user`.
 */
export async function chooseFence(wanted: FenceWanted): Promise<Fence> {
  const { uid, isolation } = wanted
  const own = await ownUserFence(wanted)
  if (own) return own
  const namespace = { kind: 'namespace', apart: true } as const
  if (uid !== 0) {
    for (const offline of [true, false])
      if (await holds({ ...namespace, offline }, wanted.signal)) return { ...namespace, offline }
    if (isolation === 'shared-user') return { kind: 'shared-user', apart: false, offline: false }
  }
  const without =
    uid === 0
      ? 'root may not become another user here, and PostgreSQL does not run as root'
      : 'there is neither root nor sudo -n (with setpriv of util-linux), and no user namespace (unshare --user)'
  throw new LifeboatError(
    'platform',
    `The throwaway server has no user of its own to run as: ${without}. What a dump makes it do could read this step's secrets.`,
    {
      hint:
        'Give the job a service container as target-database-url, let its user call sudo without a password, or allow user namespaces.' +
        (uid === 0 ? '' : ' Where you trust whoever may write the database: isolation: shared-user.'),
    },
  )
}

/** Undefined where this machine does not let us become another user. */
export async function ownUserFence({
  uid,
  folders,
  random,
  signal,
}: Omit<FenceWanted, 'isolation'>): Promise<(Fence & { readonly kind: 'own-user' }) | undefined> {
  const id = await spareId(folders, random, signal)
  const sudo = uid !== 0
  const bare = { kind: 'own-user', id, sudo, apart: false, offline: false } as const
  if (!(await holds(bare, signal))) return undefined
  for (const level of LEVELS) if (await holds({ ...bare, ...level }, signal)) return { ...bare, ...level }
  return bare
}

/** `command` behind the fence, with nothing in its environment but `environment`. */
export function fenced(
  fence: Fence,
  command: readonly string[],
  { environment, places }: { environment: Readonly<Record<string, string>>; places: FencedPlaces },
): readonly [string, ...string[]] {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const bare = ['env', '-i', ...assignments, ...command]
  const apart = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--ipc']
  const unshare = [
    'unshare',
    ...(fence.kind === 'namespace' ? ['--user', '--map-root-user'] : []),
    ...(fence.apart ? apart : []),
    ...(fence.offline ? ['--net'] : []),
    '--',
  ]
  switch (fence.kind) {
    case 'own-user': {
      const within = fence.apart ? ['sh', '-c', ONE_FOLDER, 'sh', places.own] : []
      const through = fence.apart || fence.offline ? [...unshare, ...within] : []
      return asRoot(fence, [...through, ...becoming(fence.id), ...bare])
    }
    case 'namespace':
      return words([
        ...unshare,
        ...['sh', '-c', SMALL_ROOT, 'sh', places.root, places.own, places.readable.join('\n')],
        ...bare,
      ])
    case 'shared-user':
      return words(bare)
  }
}

/** Words before a command that runs as that user, of a group of the same number or of `group`, for good. */
export function becoming(id: number, group = id): readonly string[] {
  const rights = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all']
  return ['setpriv', `--reuid=${id}`, `--regid=${group}`, '--clear-groups', ...rights, '--']
}

/** `command` as root, for what belongs to the fence's user; as ourselves where that is us. */
export function asRoot(fence: Fence, command: readonly string[]): readonly [string, ...string[]] {
  return words([...(fence.kind === 'own-user' && fence.sudo ? ['sudo', '-n'] : []), ...command])
}

async function holds(fence: Fence, signal: AbortSignal): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-fence-'))
  const places = { own: join(folder, 'own'), root: join(folder, 'root'), readable: [] }
  try {
    await mkdir(places.own)
    await mkdir(places.root)
    const [command, ...args] = fenced(fence, ['true'], { environment: {}, places })
    await run(command, args, { env: childEnvironment(), timeoutMs: LIMIT_MS, signal })
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof LifeboatError) return false
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function words([first = 'true', ...rest]: readonly string[]): readonly [string, ...string[]] {
  return [first, ...rest]
}
