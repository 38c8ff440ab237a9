import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aptSources } from './apt-sources.ts'
import { cacheFolder } from './cache-folder.ts'
import { runProgram } from './run-program.ts'

/**
 * Packages of another suite of this machine's own distribution, unpacked into a folder: nothing is installed, no
 * list or lock of the machine's apt is touched, and the machine's own sources say where the archive is.
 */
export interface OtherSuite {
  /** The highest-ranked of `candidates` that the suite has. */
  first(candidates: readonly string[]): Promise<string | undefined>
  /** Downloads `packages`, with every library they need where `libraries` is set, and unpacks them to `root`. */
  unpack(packages: readonly string[], root: string, how?: { readonly libraries: boolean }): Promise<void>
}

/** Released suites only: one that is still being made changes while it is read, and its index expires. */
const OTHER: Readonly<Record<string, string>> = {
  bullseye: 'trixie',
  bookworm: 'trixie',
  trixie: 'bookworm',
  jammy: 'noble',
  noble: 'jammy',
}

/** Another released suite than this machine's own: it has what this one lacks. */
export async function otherSuite(): Promise<OtherSuite> {
  const { PRETTY_NAME = 'This system', VERSION_CODENAME = '' } = await osRelease()
  const other = OTHER[VERSION_CODENAME]
  if (other === undefined)
    throw new Error(`${PRETTY_NAME} is not known here: add it to ${import.meta.filename}.`)
  return openSuite(other)
}

/**
 * A folder of the cache that `make` fills, made anew when it is missing or `works` throws. Several processes may
 * ask at once: the first to finish wins.
 */
export async function cached(
  name: string,
  make: (draft: string, final: string) => Promise<void>,
  works: (folder: string) => Promise<unknown>,
): Promise<string> {
  const final = join(cacheFolder(), name)
  try {
    await works(final)
    return final
  } catch {
    // Not there yet, or of a checkout that has moved since.
    await rm(final, { recursive: true, force: true })
  }
  const draft = await mkdtemp(`${final}.`)
  try {
    await chmod(draft, 0o755)
    await make(draft, final)
    await rename(draft, final).catch((error: unknown) => {
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await works(final)
  return final
}

async function openSuite(suite: string): Promise<OtherSuite> {
  const { VERSION_CODENAME = '' } = await osRelease()
  const own = (await aptSources()).find(({ suites }) => suites.includes(VERSION_CODENAME))
  if (!own) throw new Error(`No apt source of this machine is for its own suite ${VERSION_CODENAME}.`)
  const folder = join(cacheFolder(), `apt-${suite}`)
  for (const part of ['lists/partial', 'archives/partial'])
    await mkdir(join(folder, part), { recursive: true })
  await writeFile(join(folder, 'status'), '')
  const signed = own.signedBy === undefined ? '' : `[signed-by=${own.signedBy}] `
  await writeFile(
    join(folder, 'sources.list'),
    `deb ${signed}${own.uri} ${suite} ${own.components.join(' ')}\n`,
  )
  const settings = {
    'Dir::State': folder,
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': folder,
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    // Ours, below, waits; apt's own does not.
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': '',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    'Acquire::http::Timeout': '30',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' }
  const apt = (program: string, args: readonly string[], cwd = folder): Promise<string> =>
    runProgram('flock', [join(folder, 'lock'), program, ...options, '-q', ...args], { env, cwd })
  await apt('apt-get', ['update'])

  const withLibraries = async (packages: readonly string[]): Promise<readonly string[]> => {
    const found = new Set(packages)
    for (let next = [...packages]; next.length > 0;) {
      const output = await apt('apt-cache', ['depends', '--important', '--no-recommends', ...next])
      next = [...output.matchAll(/^ [ |](?:Pre)?Depends: (\S+)/gm)]
        .map((match) => match[1] ?? '')
        // The compiler behind just-in-time compilation is larger than all the rest, and never called.
        .filter((name) => /^(lib|zlib1g|postgresql-client-\d)/.test(name) && !/^libllvm|perl/.test(name))
        .filter((name) => !found.has(name))
      for (const name of next) found.add(name)
    }
    return [...found]
  }
  return {
    first: async (candidates) => {
      const known = await apt('apt-cache', ['pkgnames'])
      const names = new Set(known.split('\n'))
      return candidates.find((name) => names.has(name))
    },
    unpack: async (packages, root, { libraries } = { libraries: false }) => {
      const downloads = await mkdtemp(join(folder, 'download-'))
      try {
        const wanted = libraries ? await withLibraries(packages) : packages
        await apt('apt-get', ['download', ...wanted], downloads)
        for (const file of await readdir(downloads)) {
          await runProgram('dpkg-deb', ['-x', join(downloads, file), root], { env })
        }
      } finally {
        await rm(downloads, { recursive: true, force: true })
      }
    },
  }
}

async function osRelease(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile('/etc/os-release', 'utf8')
  const fields = [...text.matchAll(/^(\w+)="?(.*?)"?$/gm)]
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value] as const))
}
