import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { flow } from '../pipeline/flow.ts'
import { childEnvironment } from '../pipeline/process.ts'
import type { Head, ProcessStage } from '../pipeline/stage.ts'
import { parseToc, renderList, type TocEntry } from './archive-toc.ts'
import type { ClientTools } from './client-tools.ts'

export interface RestoreProgram {
  readonly tools: ClientTools
  /** What libpq needs, as `libpqAccess` gives it. */
  readonly access: Readonly<Record<string, string>>
  /** A folder of ours for lists and complaints. */
  readonly folder: string
  readonly signal: AbortSignal
  readonly stallMs: number
}

/** Where an archive is read from: a file, or a stream into standard input. */
export type ArchiveInput = { readonly path: string } | { readonly bytes: AsyncIterable<Uint8Array> }

/** One complaint of pg_restore. */
export interface RestoreComplaint {
  /** PostgreSQL's own message: `permission denied to …`. */
  readonly message: string
  /** Of the table of contents, for people. */
  readonly entry: string
}

/** The table of contents of an archive, or of its beginning. Throws `damaged`. */
export async function listArchive(path: string, program: RestoreProgram): Promise<TocEntry[]> {
  return parseToc(await collect(stage(program, ['--list', '--', path]), program))
}

/** The SQL of some entries. */
export async function entriesSql(
  path: string,
  entries: readonly TocEntry[],
  program: RestoreProgram,
): Promise<string> {
  return withList(entries, program, (list) =>
    collect(stage(program, ['--file=-', `--use-list=${list}`, '--', path]), program),
  )
}

/**
 * Restores some entries into the database that `access` leads to. Gives pg_restore's complaints, of which `stopAtFirst`
 * leaves one; no complaint means that everything is there. Throws what is no complaint: a killed program, a lost server.
 */
export async function restoreEntries(
  input: ArchiveInput,
  entries: readonly TocEntry[],
  program: RestoreProgram,
  options: {
    readonly database: string
    readonly owners: boolean
    readonly jobs: number
    readonly stopAtFirst: boolean
    readonly section?: 'pre-data' | 'data' | 'post-data'
  },
): Promise<RestoreComplaint[]> {
  if (entries.length === 0) return []
  const { database, owners, jobs, stopAtFirst, section } = options
  return withList(entries, program, async (list) => {
    const said = `${list}.stderr`
    const words = [
      ...[
        '--no-password',
        '--no-tablespaces',
        `--use-list=${list}`,
        `--dbname=${connectionString(database)}`,
      ],
      ...(owners ? [] : ['--no-owner', '--no-acl']),
      ...(stopAtFirst ? ['--exit-on-error'] : []),
      ...(section === undefined ? [] : [`--section=${section}`]),
      ...('path' in input ? [...(jobs > 1 ? [`--jobs=${jobs}`] : []), '--', input.path] : []),
    ]
    try {
      await runRestore(input, words, said, program)
      return []
    } catch (error) {
      const text = await readFile(said, 'utf8').catch(() => '')
      const complaints = parseComplaints(text)
      const ended =
        error instanceof LifeboatError && error.code === 'process' && /exit code 1\b/.test(error.message)
      if (!ended) throw error
      if (complaints.length > 0) return complaints
      throw new LifeboatError(
        'process',
        `pg_restore failed: ${text.trim().split('\n').slice(-5).join('\n')}`,
        {
          cause: error,
        },
      )
    } finally {
      await rm(said, { force: true })
    }
  })
}

/** Complaints in pg_restore's own words; `LC_ALL` is C. */
export function parseComplaints(text: string): RestoreComplaint[] {
  const complaints: RestoreComplaint[] = []
  let entry = ''
  for (const line of text.split('\n')) {
    const from = /^pg_restore: from TOC entry (.*)$/.exec(line)
    if (from) entry = from[1] ?? ''
    const error = /^pg_restore: error: (.*)$/.exec(line)
    if (!error) continue
    const message = (error[1] ?? '')
      .replace(/^(could not execute query: |COPY failed for table ("[^"]*"): )?ERROR: +/, '$2 ')
      .trim()
    complaints.push({ message, entry })
    entry = ''
  }
  return complaints
}

/** A complaint about rights that we withhold says nothing of the backup. */
export function isAboutRights({ message }: RestoreComplaint): boolean {
  return /^(permission denied|must be (superuser|owner|a member|able to))|superuser|is not trusted|only roles with/i.test(
    message,
  )
}

/** A complaint about the machine says nothing of the backup either. */
export function isAboutMachine({ message }: RestoreComplaint): boolean {
  return /No space left on device|out of memory|could not (extend|write to) file|out of shared memory|server closed the connection|terminating connection|could not connect|connection to server|the database system is|could not resize shared memory|too many clients|remaining connection slots/i.test(
    message,
  )
}

/** Names with `=` in them would be taken for connection strings. */
function connectionString(database: string): string {
  return `dbname='${database.replace(/['\\]/g, '\\$&')}'`
}

async function runRestore(
  input: ArchiveInput,
  words: readonly string[],
  said: string,
  program: RestoreProgram,
): Promise<void> {
  const restore = stage(program, words)
  const shell: ProcessStage = {
    ...restore,
    command: 'sh',
    args: ['-c', 'exec "$@" 2>"$0"', said, restore.command, ...restore.args],
  }
  if ('path' in input) {
    await collect(shell, program)
    return
  }
  const head: Head = { kind: 'bytes', label: 'archive', bytes: input.bytes }
  const { signal, stallMs } = program
  const output = flow(head, [shell], { signal, stallMs })[Symbol.asyncIterator]()
  // It prints nothing; its end is what counts.
  while ((await output.next()).done !== true);
}

async function collect(head: Head, { signal, stallMs }: RestoreProgram): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of flow(head, [], { signal, stallMs })) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function stage({ tools, access }: RestoreProgram, args: readonly string[]): ProcessStage {
  return {
    kind: 'process',
    label: 'pg_restore',
    command: join(tools.directory, 'pg_restore'),
    args,
    // Read-only defaults of a role or a database must not stop a restore.
    env: {
      ...childEnvironment(access),
      ...tools.environment,
      PGOPTIONS: '-c default_transaction_read_only=off',
    },
  }
}

async function withList<T>(
  entries: readonly TocEntry[],
  { folder }: RestoreProgram,
  work: (list: string) => Promise<T>,
): Promise<T> {
  const list = join(folder, `toc-${entries[0]?.id ?? 0}-${entries.length}-${process.hrtime.bigint()}.list`)
  await writeFile(list, renderList(entries), { mode: 0o600, flag: 'wx' })
  try {
    return await work(list)
  } finally {
    await rm(list, { force: true })
  }
}
