import { LifeboatError } from './errors.ts'
import { readBackup } from './inputs/backup.ts'
import { readDoctor } from './inputs/doctor.ts'
import { readMeilisearchBackup } from './inputs/meilisearch-backup.ts'
import { readMeilisearchRestore, readMeilisearchVerify } from './inputs/meilisearch-restore.ts'
import type { Environment, Given } from './inputs/given.ts'
import { isSource, readLifecycle, readPrune } from './inputs/catalog-request.ts'
import { readCheck } from './inputs/check.ts'
import { checkNames, inputVariable, readGiven, rowsFor } from './inputs/given.ts'
import { readDrill } from './inputs/drill.ts'
import { readList } from './inputs/list.ts'
import { readRestore } from './inputs/restore.ts'
import { readReplicate } from './inputs/replicate.ts'
import { didYouMean } from './inputs/nearest.ts'
import type { Problems } from './inputs/problems.ts'
import { collectProblems } from './inputs/problems.ts'
import { readReceivers, type Receivers } from './inputs/receivers.ts'
import type { Command, Request, Source } from './inputs/request.ts'
import { readReindex } from './inputs/reindex.ts'
import { readRestoreVerify } from './inputs/restore-verify.ts'
import { secretsIn } from './inputs/secrets.ts'
import { INPUTS } from './inputs/table.ts'

type Reader = (given: Given, secrets: readonly string[], problems: Problems) => Request

/** What a command asks of every source alike. */
const whatever = (read: Reader): Readonly<Record<Source, Reader>> => ({
  postgres: read,
  meilisearch: read,
  bucket: read,
})

const READERS: Readonly<Record<Command, Readonly<Partial<Record<Source, Reader>>>>> = {
  backup: { postgres: readBackup, meilisearch: readMeilisearchBackup },
  'restore-verify': { postgres: readRestoreVerify, meilisearch: readMeilisearchVerify },
  restore: { postgres: readRestore, meilisearch: readMeilisearchRestore },
  list: whatever(readList),
  prune: whatever(readPrune),
  lifecycle: whatever(readLifecycle),
  reindex: whatever(readReindex),
  replicate: whatever(readReplicate),
  check: whatever(readCheck),
  drill: whatever(readDrill),
  doctor: whatever(readDoctor),
}

/** Every command, in the order in which they are shown. */
export const COMMANDS: readonly string[] = Object.keys(READERS)

/**
 * Every string of the environment that must never be seen; longest first, none empty. Call it, and mask, before
 * `readRequest`: it needs no valid inputs.
 */
export function readSecrets(env: Environment): readonly string[] {
  return secretsIn(env, INPUTS)
}

/**
 * What the step asks for, complete and checked; nothing but `env` is looked at. Throws one `input` whose message
 * has a line for each thing that is wrong, beginning with the input's name (only `doctor` gets them with its request, to
 * tell of them); `platform` on Windows.
 */
export function readRequest(env: Environment, platform: NodeJS.Platform = process.platform): Request {
  if (platform === 'win32') {
    throw new LifeboatError('platform', 'Lifeboat does not run on Windows.', {
      hint: 'Give the job runs-on: ubuntu-latest (Linux does everything, macOS all but the throwaway server).',
    })
  }
  const problems = collectProblems()
  const given = readGiven(env, rowsFor(sourceOf(env), INPUTS))
  const command = readCommand(given, problems)
  const source = sourceOf(env)
  // The doctor looks at everything that it is given, whatever the source of the step that it looks after.
  checkNames(env, INPUTS, { command, ...(command !== 'doctor' && { source }) }, problems)
  readReceivers(given, problems)
  // Without a command nobody knows which inputs are needed; then what else is wrong can't be said.
  if (command === undefined) throw problems.failure()
  const read = READERS[command][source]
  if (read === undefined) {
    problems.add('source', `command ${command} knows no source ${source} yet.`)
    throw problems.failure()
  }
  return read(given, readSecrets(env), problems)
}

/** Who is told of the run: also where nothing else can be read. What is wrong with it, `readRequest` says. */
export function readTold(env: Environment): Receivers {
  return readReceivers(readGiven(env, INPUTS), collectProblems())
}

/** What the step wants done with what, for telling of a run: also where nothing else can be read. Checks nothing. */
export function readSubject(env: Environment): { readonly command: string; readonly source: string } {
  const given = readGiven(env, INPUTS)
  return { command: given.value('command') ?? 'unknown', source: given.value('source') ?? 'postgres' }
}

/** What the rows of the table depend on; that it is wrong is said by whoever reads it. */
function sourceOf(env: Environment): Source {
  const command = env[inputVariable('command')]?.trim()
  // What it reads of a store are backups of search.
  if (command === 'reindex') return 'meilisearch'
  // Of databases first; search has what stands in for its inputs itself.
  if (command === 'drill') return 'postgres'
  const text = env[inputVariable('source')]?.trim() ?? ''
  return isSource(text) ? text : 'postgres'
}

function readCommand(given: Given, problems: Problems): Command | undefined {
  const text = given.value('command')
  const command = COMMANDS.find((each): each is Command => each === text)
  if (text === undefined) problems.add('command', `is missing. Write one of: ${COMMANDS.join(', ')}.`)
  else if (command === undefined) {
    problems.add('command', `"${text}" is not one of: ${COMMANDS.join(', ')}.${didYouMean(text, COMMANDS)}`)
  }
  return command
}
