import { join } from 'node:path'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { RunCommand } from './run-command.ts'

/** PostgreSQL's own programs, of one version. */
export interface ClientTools {
  readonly directory: string
  /** `15.18` */
  readonly version: string
  /** What the programs need to find their libraries, where they were not installed by the system. */
  readonly environment: Readonly<Record<string, string>>
}

export interface ClientSearch {
  /** The server's: pg_dump refuses a newer server, and what a newer pg_dump writes may not load on an older one. */
  readonly major: number
  /** The `pg-bin-dir` input: nothing else is looked at when it is given. */
  readonly pgBinDir: string | undefined
  /** The PATH variable. */
  readonly path: string
  readonly run: RunCommand
  /** Brings the tools where the machine has none. */
  readonly install: (major: number) => Promise<Pick<ClientTools, 'directory' | 'environment'>>
  readonly log: Log
}

/** Where packages put the tools of one major, most certain first, then PATH. */
export function candidateDirectories(major: number, path: string): string[] {
  return [
    `/usr/lib/postgresql/${major}/bin`,
    `/usr/pgsql-${major}/bin`,
    `/opt/homebrew/opt/postgresql@${major}/bin`,
    `/usr/local/opt/postgresql@${major}/bin`,
    ...path.split(':').filter((directory) => directory.startsWith('/')),
  ]
}

/** Finds the tools of the server's major version, or brings them. Throws `client-tools`. */
export async function findClientTools(search: ClientSearch): Promise<ClientTools> {
  const { major, pgBinDir, run, log } = search
  if (pgBinDir !== undefined) {
    const version = await versionIn(pgBinDir, {}, run)
    if (majorOf(version) === major) return { directory: pgBinDir, version, environment: {} }
    throw new LifeboatError(
      'client-tools',
      version === ''
        ? `pg-bin-dir: there is no pg_dump that runs in ${pgBinDir}.`
        : `pg-bin-dir: pg_dump in ${pgBinDir} is ${version}, but the server is PostgreSQL ${major}.`,
      {
        hint: `Point pg-bin-dir at the programs of PostgreSQL ${major}, or leave it out: Lifeboat then finds or brings them.`,
      },
    )
  }
  for (const directory of candidateDirectories(major, search.path)) {
    const version = await versionIn(directory, {}, run)
    if (majorOf(version) === major) return { directory, version, environment: {} }
  }
  log.info(`This machine has no client of PostgreSQL ${major}: bringing it.`)
  const brought = await search.install(major)
  const version = await versionIn(brought.directory, brought.environment, run)
  if (majorOf(version) === major) return { ...brought, version }
  throw new LifeboatError(
    'client-tools',
    `The client of PostgreSQL ${major} was brought, but does not run.`,
    {
      hint: installAdvice(major),
    },
  )
}

/** The one line that helps where we cannot help ourselves. */
export function installAdvice(major: number): string {
  return (
    `Install it before this step. Debian, Ubuntu: sudo apt-get install -y postgresql-common && ` +
    `sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y && sudo apt-get install -y postgresql-client-${major}. ` +
    `macOS: brew install postgresql@${major}. Or set pg-bin-dir to where the programs are.`
  )
}

/** Empty when there is none that runs. */
async function versionIn(
  directory: string,
  environment: Readonly<Record<string, string>>,
  run: RunCommand,
): Promise<string> {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const output = await run('env', [...assignments, join(directory, 'pg_dump'), '--version']).catch(() => '')
  return /\(PostgreSQL\) (\S+)/.exec(output)?.[1] ?? ''
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}
