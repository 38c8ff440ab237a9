import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { candidateDirectories, type ClientTools } from './client-tools.ts'
import type { RunCommand } from './run-command.ts'

export interface ServerSearch {
  readonly major: number
  /** The `pg-bin-dir` input: nothing else is looked at when it is given. */
  readonly pgBinDir: string | undefined
  readonly path: string
  readonly run: RunCommand
  /** Brings the server's programs where the machine has none; starts nothing. */
  readonly install: (major: number) => Promise<Pick<ClientTools, 'directory' | 'environment'>>
  readonly log: Log
}

/** What a server has and a client lacks. */
const PROGRAMS = ['postgres', 'initdb', 'pg_restore']

/** Finds the server's programs (and the client's beside them) of one major, or brings them. Throws `client-tools`. */
export async function findServerTools(search: ServerSearch): Promise<ClientTools> {
  const { major, pgBinDir, log } = search
  const candidates = pgBinDir === undefined ? candidateDirectories(major, search.path) : [pgBinDir]
  for (const directory of candidates) {
    const found = await toolsIn({ directory, environment: {} }, search)
    if (found) return found
  }
  if (pgBinDir !== undefined) {
    throw new LifeboatError('client-tools', `pg-bin-dir: ${pgBinDir} has no server of PostgreSQL ${major}.`, {
      hint: `Point it at a folder with ${PROGRAMS.join(', ')} of that major, or leave it out.`,
    })
  }
  log.info(`This machine has no server of PostgreSQL ${major}: bringing it.`)
  const found = await toolsIn(await search.install(major), search)
  if (found) return found
  throw new LifeboatError(
    'client-tools',
    `The server of PostgreSQL ${major} was brought, but does not run.`,
    {
      hint: serverAdvice(major),
    },
  )
}

export function serverAdvice(major: number): string {
  return (
    `Install it before this step (Debian, Ubuntu: sudo apt-get install -y postgresql-${major}, from ` +
    'apt.postgresql.org where the distribution has another), or give the step a service container as target-database-url.'
  )
}

async function toolsIn(
  { directory, environment }: Pick<ClientTools, 'directory' | 'environment'>,
  { major, run }: ServerSearch,
): Promise<ClientTools | undefined> {
  if (!PROGRAMS.every((program) => existsSync(join(directory, program)))) return undefined
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const output = await run('env', [...assignments, join(directory, 'postgres'), '--version']).catch(() => '')
  const version = /\(PostgreSQL\) (\S+)/.exec(output)?.[1] ?? ''
  return Number.parseInt(version, 10) === major ? { directory, version, environment } : undefined
}
