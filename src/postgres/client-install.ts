import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { unpackPackages, type AptRepository } from './apt.ts'
import { installAdvice, type ClientTools } from './client-tools.ts'
import { PGDG } from './pgdg.ts'
import type { RunCommand } from './run-command.ts'

export interface ClientInstall {
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Where they go: see `Surroundings`. */
  readonly programs: {
    once<Result>(name: string, bring: (folder: string) => Promise<Result>): Promise<Result>
  }
  /** For what ends at once. */
  readonly run: RunCommand
  /** For what takes its time: a cancelled run ends it. */
  readonly work: RunCommand
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
  const { arch, programs, work } = options
  const from = { ...PGDG, ...options.repository }
  const repository = { url: from.url, key: from.key, suite: `${codename}-pgdg`, component: 'main' }
  const name = part === 'client' ? `postgresql-client-${major}` : `postgresql-${major}`
  const directory = await programs.once(name, async (folder) => {
    await unpackPackages([name], { directory: folder, repository, run: work })
    return folder
  })
  const triplet = arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
  return {
    directory: join(directory, 'usr', 'lib', 'postgresql', String(major), 'bin'),
    environment: { LD_LIBRARY_PATH: join(directory, 'usr', 'lib', triplet) },
  }
}

async function installWithHomebrew(major: number, { run, work }: ClientInstall): Promise<Brought> {
  await work('brew', ['install', '--quiet', `postgresql@${major}`])
  const prefix = await run('brew', ['--prefix', `postgresql@${major}`])
  return { directory: join(prefix.trim(), 'bin'), environment: {} }
}
