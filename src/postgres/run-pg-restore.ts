import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { ProcessFailure } from '../pipeline/exit.ts'
import { flow } from '../pipeline/flow.ts'
import type { Head, ProcessStage } from '../pipeline/stage.ts'
import { parseComplaints, type Complaint } from './complaints.ts'
import { EntryProgress } from './restore-messages.ts'
import type { ArchiveInput, PgRestore } from './restore-program.ts'
import type { TocEntry } from './table-of-contents.ts'

export interface EntriesRestored {
  /** What pg_restore could not do. */
  readonly complaints: readonly Complaint[]
  /** The ids of the entries that it complained about: certain even where several jobs spoke at once. */
  readonly failed: ReadonlySet<number>
}

/** What pg_restore says beyond this is cut: a table of a million bad rows must not fill the memory. */
const MOST_SAID = 64 * 1024 * 1024

/**
 * Restores these entries, in the archive's own order, as far as it goes: what fails is told, and does not stop the rest.
 * Throws `process` where pg_restore itself came to an end, and what `signal` was aborted with.
 */
export async function restoreEntries(
  input: ArchiveInput,
  entries: readonly TocEntry[],
  { tools, environment, folder, signal, serverErrors }: PgRestore,
  {
    jobs = 1,
    owners = true,
    tablespaces = true,
    onRestored,
  }: {
    /** More than one takes a file. */
    readonly jobs?: number
    /** Restores owners and grants. */
    readonly owners?: boolean
    readonly tablespaces?: boolean
    /** Called with the id of each entry that several jobs are done with, without a complaint. */
    readonly onRestored?: (id: number) => void
  } = {},
): Promise<EntriesRestored> {
  if (entries.length === 0) return { complaints: [], failed: new Set() }
  const list = join(folder, `entries-${process.hrtime.bigint()}`)
  await writeFile(list, renderList(entries), { mode: 0o600, flag: 'wx' })
  const args = [
    join(tools.directory, 'pg_restore'),
    '--no-password',
    // Without it no complaint says which entry it is about.
    '--verbose',
    `--use-list=${list}`,
    '--dbname=',
    ...(owners ? [] : ['--no-owner', '--no-acl']),
    ...(tablespaces ? [] : ['--no-tablespaces']),
    ...('path' in input ? [`--jobs=${jobs}`, '--', input.path] : []),
  ]
  const program: ProcessStage = {
    kind: 'process',
    label: 'pg_restore',
    command: '/bin/sh',
    // With a database to restore into it has nothing to say on stdout: there its complaints can be read whole.
    args: ['-c', 'exec "$@" 2>&1', 'sh', ...args],
    env: { ...environment, ...tools.environment },
  }
  const [head, stages]: [Head, ProcessStage[]] =
    'path' in input ? [program, []] : [{ kind: 'bytes', label: 'archive', bytes: input.bytes }, [program]]
  const said: Buffer[] = []
  let size = 0
  const progress = new EntryProgress()
  try {
    // While the server builds an index it is silent, and so are the processes: who may say that it hangs sees the server.
    for await (const chunk of flow(head, stages, { signal, stallMs: Number.POSITIVE_INFINITY })) {
      size += chunk.length
      if (size <= MOST_SAID) said.push(Buffer.from(chunk))
      for (const id of progress.read(chunk)) onRestored?.(id)
    }
    return { complaints: parseComplaints(textOf(said), entries), failed: progress.failed }
  } catch (error) {
    if (!(error instanceof ProcessFailure) || error.exit.label !== program.label) throw error
    const text = textOf(said)
    const complaints = parseComplaints(text, entries, (await serverErrors?.()) ?? [])
    // 1 is what it ends with where it went on past errors; those are told.
    if (error.exit.code === 1 && complaints.length > 0 && size <= MOST_SAID)
      return { complaints, failed: progress.failed }
    const { code, signal: ended } = error.exit
    throw new LifeboatError(
      'process',
      `pg_restore ended with ${ended ?? code ?? '?'}: ${text.slice(-2_000).trim()}`,
      { cause: error },
    )
  } finally {
    await rm(list, { force: true })
  }
}

/** What `pg_restore --use-list` reads. */
export function renderList(entries: readonly TocEntry[]): string {
  return entries.map(({ id }) => `${id};\n`).join('')
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8')
}
