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

/**
 * What stands on pg_restore's standard error, in the C locale. Several jobs share it, and of a message they write the
 * prefixes (`pg_restore:`, ` `, `error: `) one by one and only the words at once: words are whole, and stand behind
 * anybody's prefixes or none.
 */
export function parseMessages(text: string): RestoreMessage[] {
  const messages: RestoreMessage[] = []
  for (const line of text.split('\n')) {
    const prefixes = /^(?:pg_restore:|error: |warning: |detail: |hint: | )*/.exec(line)?.[0] ?? ''
    const words = line.slice(prefixes.length)
    const open = messages.at(-1)
    if (ERRORS.test(words)) messages.push({ words, isError: true })
    else if (PROGRESS.test(words)) messages.push({ words, isError: false })
    else if (prefixes.includes('pg_restore:')) messages.push({ words, isError: prefixes.includes('error: ') })
    else if (open) open.words += `\n${line}`
  }
  return messages
}

function beginningWith(patterns: readonly string[]): RegExp {
  return new RegExp(`^(?:${patterns.join('|')})`)
}
