import { kindOf, type ComplaintKind } from './complaint-kind.ts'
import { parseMessages } from './restore-messages.ts'
import type { ServerError } from './server-errors.ts'
import type { TocEntry } from './table-of-contents.ts'

/** Something that pg_restore could not do. */
export interface Complaint {
  /** Of the table of contents; undefined where it was about no entry. */
  readonly entry: TocEntry | undefined
  /** The server's own words, or pg_restore's; details follow on lines of their own. */
  readonly message: string
  /** The SQL that failed; empty for rows. */
  readonly command: string
  readonly kind: ComplaintKind
}

/**
 * What pg_restore could not do, from its standard error: `from TOC entry 12; …`, `error: …`, and up to `Command was: …`
 * what the server said, perhaps in another language. `logged` are the errors in its log, where that can be read.
 */
export function parseComplaints(
  text: string,
  entries: readonly TocEntry[],
  logged: readonly ServerError[] = [],
): Complaint[] {
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
    complaints.push({
      entry: about ?? entry,
      message,
      command: command.trim(),
      kind: kindOf(message, logged),
    })
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

function serverWords(message: string): string {
  return message.replace(/^COPY failed for table ".*?": /, '').replace(/^ERROR: +/, '')
}

/** `fk constraint shop.orders orders_customer_fkey` */
export function describeEntry(entry: TocEntry | undefined): string {
  if (!entry) return 'the archive'
  const { kind, schema, name } = entry
  return `${kind.toLowerCase()} ${schema === '' ? '' : `${schema}.`}${name}`
}
