import { access, constants, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run } from '../pipeline/process.ts'

/**
 * As whom the throwaway server runs. Another user than ours wherever that can be had, because what a dump makes the
 * server do could else read our environment in `/proc`. Plain data: the post step reads it back.
 */
export interface ServerUser {
  /** Undefined: ourselves. */
  readonly other: { readonly uid: number; readonly gid: number; readonly name: string } | undefined
  /** Whether `sudo -n` has to be asked for it. */
  readonly sudo: boolean
  /** Words before a command that leave it without a network; empty where the machine does not let us. */
  readonly offline: readonly string[]
}

const LIMIT_MS = 20_000

/**
 * `uid` is ours, `programs` the folder of the server's. Throws `platform` where root finds nobody to become, or nobody
 * who may run them: PostgreSQL refuses to run as root.
 */
export async function chooseServerUser(
  uid: number,
  { programs, signal }: { readonly programs: string; readonly signal: AbortSignal },
): Promise<ServerUser> {
  const succeeds = async (words: readonly string[]): Promise<boolean> => {
    const [command = '', ...args] = words
    try {
      await run(command, args, { env: childEnvironment(), timeoutMs: LIMIT_MS, signal })
      return true
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof LifeboatError) return false
      throw error
    }
  }
  const other = await unprivilegedUser()
  const canRun = other !== undefined && (await canEnter({ other }, programs))
  const sudo = uid !== 0 && canRun && (await succeeds(['sudo', '-n', 'setpriv', '--version']))
  if (uid === 0 || sudo) {
    if (other === undefined) {
      throw new LifeboatError(
        'platform',
        'PostgreSQL does not run as root, and there is no user postgres or nobody.',
        {
          hint: 'Add one (useradd --system postgres), run the job as an ordinary user, or give target-database-url.',
        },
      )
    }
    if (!canRun) {
      throw new LifeboatError(
        'platform',
        `The user ${other.name}, as whom the throwaway server would run, may not enter ${programs}.`,
        {
          hint: 'Open the folders above it to others (chmod o+x), or set pg-bin-dir to programs that all may run.',
        },
      )
    }
    const isolate = ['unshare', '--net', '--']
    const offline = (await succeeds([...(sudo ? ['sudo', '-n'] : []), ...isolate, 'true'])) ? isolate : []
    return { other, sudo, offline }
  }
  const isolate = ['unshare', '--user', '--map-current-user', '--net', '--']
  return { other: undefined, sudo: false, offline: (await succeeds([...isolate, 'true'])) ? isolate : [] }
}

/** `command` as the server's user, with nothing in its environment but `environment`. */
export function asServerUser(
  { other, sudo, offline }: ServerUser,
  command: readonly string[],
  { environment, online = true }: { environment: Readonly<Record<string, string>>; online?: boolean },
): readonly [string, ...string[]] {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const become =
    other === undefined
      ? []
      : ['setpriv', `--reuid=${other.uid}`, `--regid=${other.gid}`, '--clear-groups', '--no-new-privs', '--']
  const [first = 'env', ...rest] = [
    ...(sudo ? ['sudo', '-n'] : []),
    ...(online ? [] : offline),
    ...become,
    'env',
    '-i',
    ...assignments,
    ...command,
  ]
  return [first, ...rest]
}

/** `command` as root where the server is another user's, for the folders that belong to it. */
export function asOwner(
  { other, sudo }: ServerUser,
  command: readonly string[],
): readonly [string, ...string[]] {
  const [first = 'true', ...rest] = [...(other !== undefined && sudo ? ['sudo', '-n'] : []), ...command]
  return [first, ...rest]
}

/**
 * Whether the server's user can come as far as into `folder`: homes of runners are closed to others.
 */
export async function canEnter({ other }: Pick<ServerUser, 'other'>, folder: string): Promise<boolean> {
  if (other === undefined)
    return access(folder, constants.W_OK).then(
      () => true,
      () => false,
    )
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  return folder === dirname(folder) || canEnter({ other }, dirname(folder))
}

/** `initdb` wants an entry in passwd. */
async function unprivilegedUser(): Promise<ServerUser['other']> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '')
  for (const wanted of ['postgres', 'nobody']) {
    const entry = passwd.split('\n').find((line) => line.startsWith(`${wanted}:`))
    const [name, , uid, gid] = entry?.split(':') ?? []
    if (name && uid && gid) return { name, uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}
