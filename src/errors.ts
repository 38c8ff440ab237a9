/**
 * Everything that can go wrong and that somebody can do something about.
 *
 * - `input`: the step is configured wrongly; nothing was touched.
 * - `platform`: this machine cannot do it (operating system, missing program, no disk).
 * - `client-tools`: no PostgreSQL client of the server's major version could be had.
 * - `connection`: the database or search server cannot be reached, or refuses us.
 * - `database`: the database server failed a query.
 * - `meilisearch`: Meilisearch refused a request, or failed a task that it had accepted.
 * - `privilege`: the role may not read (or write) something that it has to.
 * - `snapshot`: a consistent snapshot could not be taken or held.
 * - `process`: a child process failed.
 * - `stall`: nothing moved for longer than the limit.
 * - `cancelled`: the run was told to stop.
 * - `store`: the object store failed, after retries.
 * - `store-access`: the object store refuses our credentials or lacks the bucket.
 * - `store-conflict`: an object that is not ours stands where we wanted to write.
 * - `store-missing`: an object that should be there is not.
 * - `damaged`: bytes are not what was recorded, or do not authenticate.
 * - `unrestorable`: the bytes of a backup are whole, but what they hold does not restore to what it was.
 * - `identity`: no identity at hand opens this archive.
 * - `newer`: a backup was written by a later Lifeboat, and this version does not know what is in it.
 * - `manifest`: a manifest belongs to another backup, or names no dump.
 * - `shrink`: the database lost more than `max-shrink` allows.
 * - `incomplete`: one or several of many parts of the work failed.
 * - `guard`: retention refused to delete.
 * - `notification`: a receiver did not take what it was told of a run.
 * - `breach`: backups are not as the targets want them.
 */
export type ErrorCode =
  | 'input'
  | 'platform'
  | 'client-tools'
  | 'connection'
  | 'database'
  | 'meilisearch'
  | 'privilege'
  | 'snapshot'
  | 'process'
  | 'stall'
  | 'cancelled'
  | 'store'
  | 'store-access'
  | 'store-conflict'
  | 'store-missing'
  | 'damaged'
  | 'unrestorable'
  | 'identity'
  | 'newer'
  | 'manifest'
  | 'shrink'
  | 'incomplete'
  | 'guard'
  | 'notification'
  | 'breach'

export interface ErrorDetails {
  /** What the reader can do about it now, in a sentence or two. */
  readonly hint?: string
  /** What made it happen; its message is shown below ours. */
  readonly cause?: unknown
}

/**
 * An expected failure: `message` says what happened to which thing, `hint` what to do. Neither may hold a
 * secret. Anything else that is thrown is a defect and is shown with its stack.
 */
export class LifeboatError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.name = 'LifeboatError'
    this.code = code
    this.hint = details.hint
  }
}
