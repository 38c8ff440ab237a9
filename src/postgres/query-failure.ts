import { LifeboatError, type ErrorCode } from '../errors.ts'
import { ProcessFailure } from '../pipeline/exit.ts'
import { sqlState } from './sql-state.ts'

interface Meaning {
  readonly code: ErrorCode
  /** What to do. */
  readonly hint: string
}

const DAMAGED: Meaning = {
  code: 'database',
  hint:
    "The server's storage has lost data; older backups are untouched. Keep them (no prune), copy the server's files before " +
    'anybody repairs anything, look at its log and disks, and restore the newest verified backup beside it.',
}
const FULL: Meaning = {
  code: 'database',
  hint: 'The server is out of something: memory, disk, connections or locks. Its log says of what; give it more and run again.',
}
const INTERFERED: Meaning = {
  code: 'database',
  hint: 'Somebody else changed or locked what was being read, or ended the query. Run it again, at a quieter hour.',
}
const LOST: Meaning = {
  code: 'connection',
  hint: 'Did the server restart, or a firewall or a pooler close the connection? Its log says why.',
}
const RIGHTS: Meaning = {
  code: 'privilege',
  hint: 'Give the role the right that is named, or use another role: SECURITY.md says which rights a backup needs.',
}
const SERVER: Meaning = {
  code: 'database',
  hint: "The server itself failed, not the query: its log says more. Where it happens again, look at the server's disks and memory.",
}
const OBJECT: Meaning = {
  code: 'database',
  hint: 'Look at the object that is named: psql shows the same error. Where nothing is wrong with it, please report the line below.',
}

/** By SQLSTATE: the longest beginning counts. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  XX001: DAMAGED,
  XX002: DAMAGED,
  '58P01': DAMAGED,
  '58030': DAMAGED,
  '42501': RIGHTS,
  '08': LOST,
  '25P': LOST,
  '28': RIGHTS,
  '40': INTERFERED,
  '53': FULL,
  '54': FULL,
  '55': INTERFERED,
  '57': INTERFERED,
  '57P': LOST,
  '58': SERVER,
  '72': INTERFERED,
  F0: SERVER,
  XX: SERVER,
}

/** What a server's error means; `undefined` where it is no server's. */
function meaningOf(state: string): Meaning | undefined {
  if (!/^[0-9A-Z]{5}$/.test(state)) return undefined
  for (let length = 5; length >= 2; length--) {
    const meaning = MEANINGS[state.slice(0, length)]
    if (meaning) return meaning
  }
  return OBJECT
}

/**
 * An error that the server gave a query, in words: what happened, and what to do. `about` names what was asked for,
 * `table public.orders`. Everything else comes back as it is.
 */
export function inWords(error: unknown, about = ''): unknown {
  if (error instanceof LifeboatError || !isError(error)) return error
  const state = sqlState(error)
  const meaning = meaningOf(state)
  // Node's own errors have codes too, but none of five digits and capitals with a severity.
  if (!meaning || !('severity' in error)) return error
  const subject = about === '' ? 'A query failed on the database server' : `The server cannot read ${about}`
  return new LifeboatError(meaning.code, `${subject}: ${error.message} (SQLSTATE ${state}).`, {
    hint: meaning.hint,
    cause: error,
  })
}

/**
 * A server's file of a table, of its large values or of the states of transactions, whatever the language of the words
 * around it. pg_dump does not tell an error's SQLSTATE, but it writes nothing there that could find no room.
 */
const FILE_OF_DATA = /\b(base\/\d+|global|pg_tblspc\/\S+)\/\d+|\bpg_toast_\d+|\bpg_(xact|multixact)\//
const OUT_OF_SOMETHING = /Too many open files/

/** A failed pg_dump: where it met damaged storage, with what to do. Everything else comes back as it is. */
export function dumpInWords(error: unknown): unknown {
  if (!(error instanceof ProcessFailure) || error.exit.label !== 'pg_dump') return error
  const { complaint } = error.exit
  if (!FILE_OF_DATA.test(complaint) || OUT_OF_SOMETHING.test(complaint)) return error
  return new LifeboatError(DAMAGED.code, error.message, { hint: DAMAGED.hint, cause: error })
}

function isError(error: unknown): error is { readonly message: string } {
  return typeof error === 'object' && error !== null && 'message' in error
}
