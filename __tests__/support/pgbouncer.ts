import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import type { PostgresServer } from './postgres-server.ts'
import { removeAtExit } from './remove-at-exit.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

export interface Pooler extends AsyncDisposable {
  url(database: string): string
}

/** A PgBouncer before `server`, with one pool of `size` connections for each database and role. */
export async function startPgbouncer(
  server: PostgresServer,
  { mode, size = 20 }: { readonly mode: 'session' | 'transaction' | 'statement'; readonly size?: number },
): Promise<Pooler> {
  const folder = await mkdtemp('/tmp/lifeboat-pgbouncer-')
  const port = await freePort()
  const config = join(folder, 'pgbouncer.ini')
  const users = join(folder, 'users')
  await writeFile(users, `"${server.superuser}" "${server.password}"\n`)
  await writeFile(
    config,
    [
      '[databases]',
      `* = host=${server.host} port=${server.port}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1`,
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = plain',
      `auth_file = ${users}`,
      `pool_mode = ${mode}`,
      `default_pool_size = ${size}`,
    ].join('\n'),
  )
  const identity = unprivilegedUser()
  if (identity) for (const path of [folder, config, users]) await chown(path, identity.uid, identity.gid)
  const child = spawn('pgbouncer', [config], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
    ...(identity && { uid: identity.uid, gid: identity.gid }),
  })
  const keep = removeAtExit(folder, () => child.kill('SIGKILL'), join(folder, 'pid'))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('process up')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PgBouncer did not start: ${said}`)))
  })
  return {
    url: (database) => {
      const url = new URL(server.url(database))
      url.port = String(port)
      return url.href
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await rm(folder, { recursive: true, force: true })
      keep()
    },
  }
}
