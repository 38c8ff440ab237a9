import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { cancellation, startProcess } from '../pipeline/process.ts'
import type { TocEntry } from './table-of-contents.ts'
import type { ClientTools } from './client-tools.ts'

/** Something that pg_restore could not do; it went on. */
export interface Complaint {
  /** Of the table of contents; undefined where it was about no entry. */
  readonly entry: TocEntry | undefined
  /** The server's own words, or pg_restore's. */
  readonly message: string
  /** The SQL that failed; empty for rows. */
  readonly command: string
}

export interface RestoreRun {
  readonly tools: ClientTools
  /** The whole environment, with what libpq needs. */
  readonly environment: Readonly<Record<string, string>>
  /** The plain archive. */
  readonly archive: string
  /** A folder of ours for the list of entries. */
  readonly folder: string
  readonly jobs: number
  readonly signal: AbortSignal
}

/** What pg_restore says beyond this is cut: a table of a million bad rows must not fill the memory. */
const MOST_SAID = 64 * 1024 * 1024

/**
 * Restores these entries, in the archive's own order, as far as it goes: what fails is told, and does not stop the rest.
 * Throws `process` where pg_restore itself came to an end, and what `signal` was aborted with.
 */
export async function runPgRestore(entries: readonly TocEntry[], run: RestoreRun): Promise<Complaint[]> {
  if (entries.length === 0) return []
  const { tools, environment, archive, folder, jobs, signal } = run
  if (signal.aborted) throw cancellation(signal, 'pg_restore')
  const list = join(folder, 'entries')
  await writeFile(list, entries.map(({ id }) => `${id};\n`).join(''), { mode: 0o600 })
  const args = [
    join(tools.directory, 'pg_restore'),
    '--no-password',
    // Without it no complaint says which entry it is about.
    '--verbose',
    `--use-list=${list}`,
    `--jobs=${jobs}`,
    '--dbname=',
    archive,
  ]
  await using child = startProcess(
    {
      kind: 'process',
      label: 'pg_restore',
      command: '/bin/sh',
      // With a database to restore into it has nothing to say on stdout: there its complaints can be read whole.
      args: ['-c', 'exec "$@" 2>&1', 'sh', ...args],
      env: { ...environment, ...tools.environment },
    },
    'ignore',
  )
  const stop = (): void => void child.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const said: Buffer[] = []
    let size = 0
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size <= MOST_SAID) said.push(chunk)
    }
    const exit = await child.exited
    if (exit.stopped) throw cancellation(signal, 'pg_restore')
    const text = Buffer.concat(said).toString('utf8')
    const complaints = parseComplaints(text, entries)
    // 1 is what it ends with where it went on past errors; those are told.
    if (exit.code === 0 || (exit.code === 1 && complaints.length > 0 && size <= MOST_SAID)) return complaints
    throw new LifeboatError(
      'process',
      `pg_restore ended with ${exit.signal ?? exit.code ?? '?'}: ${text.slice(-2_000).trim()}`,
    )
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/**
 * What stands on pg_restore's standard error, in the C locale: `from TOC entry 12; …`, `error: …`, and what the server
 * said, perhaps in another language, up to `Command was: …`; between them, what it is about to do.
 */
export function parseComplaints(text: string, entries: readonly TocEntry[]): Complaint[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const byDefinition = new Map(entries.map((entry) => [entry.definition.trim(), entry]))
  const complaints: Complaint[] = []
  let entry: TocEntry | undefined
  for (const piece of text.split(/^pg_restore: /m)) {
    const at = /^from TOC entry (\d+);/.exec(piece)?.[1]
    if (at !== undefined) entry = byId.get(Number(at))
    if (!piece.startsWith('error: ')) continue
    const [said = '', command = ''] = piece.slice('error: '.length).split(/^Command was: /m)
    const message = said.replace(/^could not execute query: /, '').trim()
    const table = /^COPY failed for table "(.*?)": /.exec(message)?.[1]
    // Several at a time speak at once: what they speak of tells more than what was named before.
    const about = table === undefined ? byDefinition.get(command.trim()) : byTable(table, entries)
    complaints.push({ entry: about ?? entry, message, command: command.trim() })
  }
  return complaints
}

function byTable(name: string, entries: readonly TocEntry[]): TocEntry | undefined {
  const found = entries.filter((entry) => entry.kind === 'TABLE DATA' && entry.name === name)
  return found.length === 1 ? found[0] : undefined
}
