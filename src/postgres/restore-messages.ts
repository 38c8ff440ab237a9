/** One message of pg_restore. */
export interface RestoreMessage {
  /** Without its prefixes; further lines follow as they came. */
  words: string
  readonly isError: boolean
}

/** What a job goes on after; anything else that it calls an error ends it. */
const ERRORS = beginningWith([
  'could not execute query: ',
  'COPY failed for table "',
  'error returned by PQputCopy',
  'could not (?:create|open|write to|restore) large object',
])

const PREFIXES = /^(?:pg_restore:|error: |warning: |detail: |hint: | )*/

const PROGRESS = beginningWith([
  'from TOC entry \\d+;',
  'while (?:INITIALIZING|PROCESSING TOC|FINALIZING):',
  '(?:launching|finished|skipping|processing|processing missed) item \\d+',
  '(?:reducing dependencies for|transferring dependency) \\d+',
  '(?:creating|executing|dropping) [A-Z]',
  'processing data for table "',
  '(?:entering|finished) main parallel loop',
  'restor(?:ing|ed) (?:\\d+ )?large object',
  'errors ignored on restore: ',
])

const FINISHED = /^finished item (\d+) /
const FAILED = /^from TOC entry (\d+);/
/** In characters: names of objects have up to 63 bytes. */
const LONGEST_PROGRESS = 1_000

/**
 * What stands on pg_restore's standard error, in the C locale. Several jobs share it, and of a message they write the
 * prefixes (`pg_restore:`, ` `, `error: `) one by one and only the words at once: words are whole, and stand behind
 * anybody's prefixes or none.
 */
export function parseMessages(text: string): RestoreMessage[] {
  const messages: RestoreMessage[] = []
  for (const line of text.split('\n')) {
    const prefixes = PREFIXES.exec(line)?.[0] ?? ''
    const words = line.slice(prefixes.length)
    const open = messages.at(-1)
    if (ERRORS.test(words)) messages.push({ words, isError: true })
    else if (PROGRESS.test(words)) messages.push({ words, isError: false })
    else if (prefixes.includes('pg_restore:')) messages.push({ words, isError: prefixes.includes('error: ') })
    else if (open) open.words += `\n${line}`
  }
  return messages
}

/**
 * Follows pg_restore's messages, piece by piece as they come. Each of its processes names an entry before the first of its
 * complaints, and says `finished` of those that failed too, afterwards.
 */
export class EntryProgress {
  /** The ids of all entries that something was said about. */
  readonly failed = new Set<number>()
  #unended = ''

  /** The ids of the entries that jobs are done with by now, and that nothing was said about. */
  read(piece: Uint8Array): number[] {
    const lines = (this.#unended + Buffer.from(piece).toString('latin1')).split('\n')
    // A line that goes on and on is some row's data.
    this.#unended = (lines.pop() ?? '').slice(0, LONGEST_PROGRESS)
    return lines.flatMap((line) => {
      const words = line.replace(PREFIXES, '')
      const failed = FAILED.exec(words)?.[1]
      if (failed !== undefined) this.failed.add(Number(failed))
      const id = FINISHED.exec(words)?.[1]
      return id === undefined || this.failed.has(Number(id)) ? [] : [Number(id)]
    })
  }
}

function beginningWith(patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${patterns.join('|')})`)
}
