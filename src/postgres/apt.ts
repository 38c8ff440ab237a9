import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import type { RunCommand } from './run-command.ts'

/** A repository beside the machine's own; `key` is armored, and nothing else can sign for it. */
export interface AptRepository {
  readonly url: string
  readonly suite: string
  readonly component: string
  readonly key: string
}

const SYSTEM_SOURCES = '/etc/apt/sources.list.d'

/**
 * Unpacks Debian packages, and what they need that this machine lacks, into `directory`: no root, no lock, no change
 * to the system, and no maintainer script that would start a server. The machine's own sources serve as well as
 * `repository`. `directory` appears whole or not at all. Throws what apt says.
 */
export async function unpackPackages(
  packages: readonly string[],
  { directory, repository, run }: { directory: string; repository: AptRepository; run: RunCommand },
): Promise<void> {
  await mkdir(dirname(directory), { recursive: true })
  const work = await mkdtemp(`${directory}-`)
  try {
    const [sources, lists, cache, files] = ['sources', 'lists', 'cache', 'files'].map((name) =>
      join(work, name),
    ) as [string, string, string, string]
    await mkdir(join(lists, 'partial'), { recursive: true })
    await mkdir(join(cache, 'archives', 'partial'), { recursive: true })
    await Promise.all([mkdir(sources), mkdir(files)])
    await copySystemSources(sources)
    const key = join(work, 'key.asc')
    await writeFile(key, repository.key)
    await writeFile(
      join(sources, 'lifeboat.list'),
      `deb [signed-by=${key}] ${repository.url} ${repository.suite} ${repository.component}\n`,
    )
    const options = [
      `Dir::Etc::sourceparts=${sources}`,
      `Dir::State::lists=${lists}`,
      `Dir::Cache=${cache}`,
      'APT::Sandbox::User=',
      'Debug::NoLocking=1',
      'Acquire::Retries=3',
    ].flatMap((option) => ['-o', option])
    // One unreachable repository of the machine's own must not stop us: apt warns of it and goes on.
    await run('apt-get', [...options, '-q', 'update'])
    await run('apt-get', [
      ...options,
      '-q',
      '-y',
      '--no-install-recommends',
      '--download-only',
      'install',
      ...packages,
    ])
    const folder = join(cache, 'archives')
    const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
    if (archives.length === 0) {
      throw new LifeboatError('platform', `apt downloaded nothing for ${packages.join(', ')}.`)
    }
    for (const archive of archives) {
      await run('dpkg-deb', ['-x', join(folder, archive), files])
    }
    await rename(files, directory)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function copySystemSources(target: string): Promise<void> {
  const names = await readdir(SYSTEM_SOURCES).catch((): string[] => [])
  await Promise.all(
    names
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => copyFile(join(SYSTEM_SOURCES, name), join(target, name))),
  )
}
