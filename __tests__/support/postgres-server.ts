import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { installedMajors } from './postgres-majors.ts'
import { removeAtExit } from './remove-at-exit.ts'
import { runProgram } from './run-program.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

export interface PostgresOptions {
  /** Holds `initdb` and `postgres`; the newest major of this system when not given. */
  readonly binDir?: string
  /** Settings of postgresql.conf; numbers and names as they are, texts are quoted here. */
  readonly config?: Readonly<Record<string, string | number>>
  readonly locale?: string
  readonly encoding?: string
  readonly superuser?: string
  /** How everybody proves who they are, on the socket too. */
  readonly auth?: 'scram-sha-256' | 'md5' | 'trust'
  /** A standby of this server, with its password, instead of one of its own. */
  readonly standbyOf?: PostgresServer
}

export interface PostgresServer extends AsyncDisposable {
  /** 127.0.0.1 */
  readonly host: string
  /** A directory; its socket belongs to the same port. */
  readonly socketDir: string
  readonly port: number
  readonly superuser: string
  /** Of the superuser. */
  readonly password: string
  readonly binDir: string
  readonly major: number
  readonly dataDir: string
  /** Whatever the server has said on its standard error. */
  log(): string
  /** `postgresql://…` over TCP, with the superuser's password unless another user is named. */
  url(database?: string, login?: { readonly user: string; readonly password: string }): string
  /** `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` of the superuser. */
  environment(): Record<string, string>
  /** Runs SQL through psql and gives its unaligned output, without the last newline. Throws at the first error. */
  psql(sql: string, database?: string): Promise<string>
  /** Ends sessions and the server in order. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops (in order, or as a crash would) and starts again on the same port. */
  restart(how?: { readonly crash: boolean }): Promise<void>
  /** As a crash: every session is cut, nothing is written, the next start recovers. */
  kill(): Promise<void>
}

const SPEED = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  log_min_messages: 'warning',
  lc_messages: 'C',
}

/** A PostgreSQL server of its own on loopback, in a folder of its own; both are gone when it is disposed. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const binDir = options.binDir ?? (await newestBinDir())
  const superuser = options.superuser ?? 'postgres'
  const password = options.standbyOf?.password ?? `pw-${crypto.randomUUID()}`
  const identity = unprivilegedUser()
  // A socket's path may have 107 bytes, so not TMPDIR, which can be long.
  const folder = await mkdtemp('/tmp/lifeboat-pg-')
  const dataDir = join(folder, 'data')
  const clientEnv = { PATH: process.env['PATH'] ?? '', HOME: folder, LC_ALL: 'C.UTF-8' }

  let child: ChildProcess | undefined
  let said = ''
  const keep = removeAtExit(folder, () => child?.kill('SIGQUIT'), join(dataDir, 'postmaster.pid'))

  const stopWith = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    running.kill(signal)
    await once(running, 'exit')
  }
  const start = async (): Promise<void> => {
    const started = spawn(join(binDir, 'postgres'), ['-D', dataDir, '-p', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: clientEnv,
      cwd: folder,
      ...(identity && { uid: identity.uid, gid: identity.gid }),
    })
    child = started
    said = ''
    await new Promise<void>((resolve, reject) => {
      started.stderr.on('data', (chunk: Buffer) => {
        said = `${said}${chunk.toString()}`.slice(-200_000)
        if (/ready to accept (read-only )?connections/.test(said)) resolve()
      })
      started.once('error', reject)
      started.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)))
    })
  }
  const remove = async (): Promise<void> => {
    await stopWith('SIGINT')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    keep()
  }

  let port = await freePort()
  try {
    const passwordFile = join(folder, 'password')
    await writeFile(passwordFile, `${password}\n`)
    await chmod(passwordFile, 0o600)
    if (identity) {
      for (const path of [folder, passwordFile]) await chown(path, identity.uid, identity.gid)
    }
    const initdb = ['-D', dataDir, '-U', superuser, '-E', options.encoding ?? 'UTF8', '--no-sync']
    initdb.push(`--locale=${options.locale ?? 'C.UTF-8'}`, `--pwfile=${passwordFile}`)
    initdb.push(`--auth=${options.auth ?? 'scram-sha-256'}`)
    const primary = options.standbyOf
    await runProgram(
      join(binDir, primary ? 'pg_basebackup' : 'initdb'),
      primary ? ['-D', dataDir, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'] : initdb,
      {
        env: { ...clientEnv, ...primary?.environment() },
        cwd: folder,
        uid: identity?.uid,
        gid: identity?.gid,
      },
    )
    const settings: Record<string, string | number> = {
      ...SPEED,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      ...options.config,
    }
    const lines = Object.entries(settings).map(([name, value]) =>
      typeof value === 'number' ? `${name} = ${value}` : `${name} = '${value.replaceAll("'", "''")}'`,
    )
    // A standby's own line says where its primary is.
    await appendFile(join(dataDir, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
    // Sockets are mode 0777, but their folder was made for one user only.
    await chmod(folder, 0o711)
    await startOnFreePort()
  } catch (error) {
    await remove()
    throw error
  }

  async function startOnFreePort(attempt = 1): Promise<void> {
    try {
      await start()
    } catch (error) {
      if (attempt === 5 || !/Address already in use/.test(said)) throw error
      port = await freePort()
      await startOnFreePort(attempt + 1)
    }
  }

  const environment = (): Record<string, string> => ({
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGUSER: superuser,
    PGPASSWORD: password,
  })
  return {
    host: '127.0.0.1',
    socketDir: folder,
    port,
    superuser,
    password,
    binDir,
    dataDir,
    major: Number((await readFile(join(dataDir, 'PG_VERSION'), 'utf8')).trim()),
    log: () => said,
    url: (database = 'postgres', login = { user: superuser, password }) =>
      `postgresql://${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}` +
      `@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    environment,
    psql: async (sql, database = 'postgres') => {
      const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-f', '-']
      const env = {
        ...clientEnv,
        ...environment(),
        PGDATABASE: database,
        PGOPTIONS: '-c client_min_messages=warning',
      }
      return (await runProgram(join(binDir, 'psql'), args, { input: sql, env })).replace(/\n$/, '')
    },
    stop: () => stopWith('SIGINT'),
    kill: () => stopWith('SIGQUIT'),
    start,
    restart: async ({ crash } = { crash: false }) => {
      await stopWith(crash ? 'SIGQUIT' : 'SIGINT')
      await start()
    },
    [Symbol.asyncDispose]: remove,
  }
}

async function newestBinDir(): Promise<string> {
  const newest = (await installedMajors()).at(-1)
  if (!newest) throw new Error('No PostgreSQL server is installed: npm run demo and npm test install one.')
  return newest.binDir
}
