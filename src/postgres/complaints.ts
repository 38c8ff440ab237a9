import { parseMessages } from './restore-messages.ts'
import type { TocEntry } from './table-of-contents.ts'

/** Something that pg_restore could not do. */
export interface Complaint {
  /** Of the table of contents; undefined where it was about no entry. */
  readonly entry: TocEntry | undefined
  /** The server's own words, or pg_restore's; details follow on lines of their own. */
  readonly message: string
  /** The SQL that failed; empty for rows. */
  readonly command: string
}

/**
 * What pg_restore could not do, from its standard error: `from TOC entry 12; …`, `error: …`, and up to `Command was: …`
 * what the server said, perhaps in another language.
 */
export function parseComplaints(text: string, entries: readonly TocEntry[]): Complaint[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const byDefinition = new Map(entries.map((entry) => [entry.definition.trim(), entry]))
  const complaints: Complaint[] = []
  const named = new Set<number>()
  let entry: TocEntry | undefined
  for (const { words, isError } of parseMessages(text)) {
    const at = /^from TOC entry (\d+);/.exec(words)?.[1]
    if (at !== undefined) {
      entry = byId.get(Number(at))
      named.add(Number(at))
    }
    if (!isError) continue
    const [said = '', command = ''] = words.split(/^Command was: /m)
    const message = said.replace(/^could not execute query: /, '').trim()
    const table = /^COPY failed for table "(.*?)": /.exec(message)?.[1]
    // Several at a time speak at once: what they speak of tells more than what was named before.
    const about = table === undefined ? byDefinition.get(command.trim()) : byTable(table, entries, named)
    complaints.push({ entry: about ?? entry, message, command: command.trim() })
  }
  return complaints
}

/** Of several that are called the same it is one that was named before, and of those the last. */
function byTable(
  name: string,
  entries: readonly TocEntry[],
  named: ReadonlySet<number>,
): TocEntry | undefined {
  const found = entries.filter((entry) => entry.kind === 'TABLE DATA' && entry.name === name)
  return found.length === 1 ? found[0] : found.findLast(({ id }) => named.has(id))
}

/** The first line of the server's words, with the first detail. */
export function shortMessage(message: string): string {
  const [first = '', ...rest] = serverWords(message).split('\n')
  const detail = rest.find((line) => line.trim() !== '' && !/^(LINE \d+:|CONTEXT:|QUERY:|\s*\^)/.test(line))
  return detail === undefined ? first : `${first} (${detail.trim()})`
}

/** A complaint about rights that were withheld says nothing of the backup. The server has to speak English. */
export function isAboutRights({ message }: Complaint): boolean {
  return /^(permission denied|must be (superuser|owner|a member|able to))|superuser|is not trusted|only roles with/i.test(
    headline(message),
  )
}

/** A complaint about the machine says nothing of the backup either. */
export function isAboutMachine({ message }: Complaint): boolean {
  return /No space left on device|out of memory|could not (extend|write to) file|out of shared memory|server closed the connection|terminating connection|could not connect|connection to server|the database system is|could not resize shared memory|too many clients|remaining connection slots/i.test(
    message,
  )
}

/** Of an error of the server: what it is called when something that is spoken of is not there. */
export function isAboutAbsence({ message }: Complaint): boolean {
  return / does not exist\b/.test(headline(message))
}

function headline(message: string): string {
  return serverWords(message).split('\n')[0] ?? ''
}

function serverWords(message: string): string {
  return message.replace(/^COPY failed for table ".*?": /, '').replace(/^ERROR: +/, '')
}

/** `fk constraint shop.orders orders_customer_fkey` */
export function describeEntry(entry: TocEntry | undefined): string {
  if (!entry) return 'the archive'
  const { kind, schema, name } = entry
  return `${kind.toLowerCase()} ${schema === '' ? '' : `${schema}.`}${name}`
}
