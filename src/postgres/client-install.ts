import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { unpackPackages, type AptRepository } from './apt.ts'
import { installAdvice, type ClientTools } from './client-tools.ts'
import { PGDG } from './pgdg.ts'
import type { RunCommand } from './run-command.ts'

/** What keeps a folder from one run to the next. Neither of the two may fail: a cache is a comfort. */
export interface FolderCache {
  /** Brings `folder` back; false when there is nothing under `key`. */
  restore(folder: string, key: string): Promise<boolean>
  save(folder: string, key: string): Promise<void>
}

export interface ClientInstall {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Where downloaded tools live: the runner's tool cache. */
  readonly toolFolder: string
  readonly cache: FolderCache
  readonly run: RunCommand
  readonly log: Log
  readonly clock: Clock
  readonly osRelease?: string
  readonly repository?: Pick<AptRepository, 'url' | 'key'>
}

type Brought = Pick<ClientTools, 'directory' | 'environment'>

/** Brings the client programs of one major version. Throws `client-tools`, with what to install by hand. */
export async function installClient(major: number, options: ClientInstall): Promise<Brought> {
  try {
    if (options.platform === 'darwin') return await installWithHomebrew(major, options)
    const system = parseOsRelease(options.osRelease ?? (await readFile('/etc/os-release', 'utf8')))
    if (system.debian && system.codename !== '') return await installWithApt(major, system.codename, options)
  } catch (cause) {
    throw new LifeboatError('client-tools', `The client of PostgreSQL ${major} could not be brought.`, {
      hint: installAdvice(major),
      cause,
    })
  }
  throw new LifeboatError('client-tools', `There is no client of PostgreSQL ${major} on this machine.`, {
    hint: installAdvice(major),
  })
}

/** Brings the server's programs of one major version, and starts no server. Throws `client-tools`. */
export async function installServer(major: number, options: ClientInstall): Promise<Brought> {
  const hint =
    `Install it before this step (Debian, Ubuntu: sudo apt-get install -y postgresql-${major}), or give the step a ` +
    'service container as target-database-url.'
  try {
    const system = parseOsRelease(options.osRelease ?? (await readFile('/etc/os-release', 'utf8')))
    if (options.platform === 'linux' && system.debian && system.codename !== '') {
      return await installWithApt(major, system.codename, options, 'server')
    }
  } catch (cause) {
    throw new LifeboatError('client-tools', `The server of PostgreSQL ${major} could not be brought.`, {
      hint,
      cause,
    })
  }
  throw new LifeboatError('client-tools', `There is no server of PostgreSQL ${major} on this machine.`, {
    hint,
  })
}

export function parseOsRelease(text: string): { debian: boolean; codename: string } {
  const value = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
  const family = `${value('ID')} ${value('ID_LIKE')}`.split(' ')
  return {
    debian: family.includes('debian') || family.includes('ubuntu'),
    codename: value('VERSION_CODENAME'),
  }
}

async function installWithApt(
  major: number,
  codename: string,
  options: ClientInstall,
  part: 'client' | 'server' = 'client',
): Promise<Brought> {
  const { arch, toolFolder, cache, log, clock } = options
  // A new folder each month: a client that is never renewed misses the fixes of pg_dump's own security holes.
  const month = clock.now().toISOString().slice(0, 7)
  const key = `lifeboat-postgresql-${part}-${major}-${codename}-${arch}-${month}`
  const directory = join(toolFolder, key)
  const from = { ...PGDG, ...options.repository }
  if (existsSync(directory) || (await cache.restore(directory, key))) {
    log.info(`The ${part} of PostgreSQL ${major} comes from the cache.`)
  } else {
    const repository = { url: from.url, key: from.key, suite: `${codename}-pgdg`, component: 'main' }
    const name = part === 'client' ? `postgresql-client-${major}` : `postgresql-${major}`
    await unpackPackages([name], { directory, repository, run: options.run })
    await cache.save(directory, key)
  }
  const triplet = arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  return {
    directory: join(directory, 'usr', 'lib', 'postgresql', String(major), 'bin'),
    environment: { LD_LIBRARY_PATH: join(directory, 'usr', 'lib', triplet) },
  }
}

async function installWithHomebrew(major: number, { run }: ClientInstall): Promise<Brought> {
  await run('brew', ['install', '--quiet', `postgresql@${major}`])
  const prefix = await run('brew', ['--prefix', `postgresql@${major}`])
  return { directory: join(prefix.trim(), 'bin'), environment: {} }
}
