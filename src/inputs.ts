import { LifeboatError } from './errors.ts'
import { readBackup } from './inputs/backup.ts'
import { readDoctor } from './inputs/doctor.ts'
import { readMeilisearchBackup } from './inputs/meilisearch-backup.ts'
import { readMeilisearchRestore, readMeilisearchVerify } from './inputs/meilisearch-restore.ts'
import type { Environment, Given, InputRow } from './inputs/given.ts'
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

/** Those that work on a source. */
const SOURCED = [
  'backup',
  'restore-verify',
  'restore',
  'list',
  'prune',
  'lifecycle',
  'replicate',
  'check',
  'drill',
  'doctor',
] as const
const EVERY = [...SOURCED, 'reindex'] as const
/** Those that bring a backup back. */
const RESTORING = ['restore-verify', 'restore', 'drill'] as const
/** Those that decide what stays, whatever the source. */
const CATALOG = ['prune', 'lifecycle'] as const
/** Those that need to know what should stay. */
const JUDGING = [...CATALOG, 'replicate', 'check'] as const

const POSTGRES = ['postgres'] as const
const MEILISEARCH = ['meilisearch'] as const

/**
 * Every input: what stands in for it in the environment, what holds where it is not given, and which commands
 * use it. `action.yml` says the same in words and carries no `default:`, because the runner hands a default over
 * as if the user had typed it, and so hides the environment. A test holds the two equal.
 */
export const INPUTS: readonly InputRow[] = [
  { name: 'command', group: 'what', commands: EVERY },
  { name: 'source', group: 'what', commands: SOURCED, default: 'postgres' },
  {
    name: 'name',
    group: 'what',
    commands: ['backup', ...RESTORING, 'list', 'prune', 'replicate', 'check', 'reindex'],
  },
  { name: 'backup-id', group: 'what', commands: RESTORING },
  { name: 'before', group: 'what', commands: RESTORING },
  { name: 'key', group: 'what', commands: ['restore'] },
  { name: 'only', group: 'what', of: POSTGRES, commands: ['restore'] },
  { name: 'confirm', group: 'what', commands: ['restore', 'prune'] },
  { name: 'dry-run', group: 'what', commands: [...CATALOG, 'replicate'], default: 'false' },

  { name: 'bucket', group: 'where', commands: EVERY, fallback: 'BACKUP_BUCKET' },
  {
    name: 'prefix',
    group: 'where',
    commands: EVERY,
    fallback: 'BACKUP_PREFIX',
    default: 'db/',
    sources: {
      meilisearch: { fallback: 'MEILI_BACKUP_PREFIX', default: 'meili/' },
      bucket: { fallback: 'ASSETS_BACKUP_PREFIX', default: 'assets/' },
    },
  },
  { name: 'region', group: 'where', commands: EVERY, fallback: 'BACKUP_REGION', default: 'auto' },
  { name: 'endpoint', group: 'where', commands: EVERY, fallback: 'R2_ENDPOINT' },
  { name: 'r2-account-id', group: 'where', commands: EVERY, fallback: 'R2_ACCOUNT_ID' },
  { name: 'access-key-id', group: 'where', commands: EVERY, fallback: 'R2_ACCESS_KEY_ID' },
  {
    name: 'secret-access-key',
    group: 'where',
    commands: EVERY,
    fallback: 'R2_SECRET_ACCESS_KEY',
    secret: true,
  },
  { name: 'role-to-assume', group: 'where', commands: EVERY },
  { name: 'replica', group: 'where', commands: ['replicate'] },

  {
    name: 'age-recipients',
    group: 'keys',
    commands: ['backup', 'check', 'doctor'],
    fallback: 'AGE_RECIPIENT',
  },
  {
    name: 'age-identities',
    group: 'keys',
    commands: [...RESTORING, 'doctor', 'reindex'],
    fallback: 'AGE_IDENTITY',
    secret: true,
  },

  {
    name: 'database-url',
    group: 'database',
    of: POSTGRES,
    commands: ['backup', 'doctor', 'reindex'],
    fallback: 'DATABASE_URL',
    secret: true,
  },
  { name: 'databases', group: 'database', of: POSTGRES, commands: ['backup', 'doctor'] },
  { name: 'target-database-url', group: 'database', of: POSTGRES, commands: RESTORING, secret: true },
  { name: 'pg-bin-dir', group: 'database', of: POSTGRES, commands: ['backup', 'doctor', ...RESTORING] },
  { name: 'clean', group: 'database', of: POSTGRES, commands: ['restore'], default: 'false' },

  { name: 'compression', group: 'backup', of: POSTGRES, commands: ['backup'], default: 'xz:6' },
  { name: 'fingerprint', group: 'backup', of: POSTGRES, commands: ['backup'], default: 'digest' },
  { name: 'max-shrink', group: 'backup', commands: ['backup'], default: 'warn=50%' },
  {
    name: 'limits',
    group: 'backup',
    commands: ['backup', 'restore-verify', 'reindex', 'drill'],
    default: 'stall=10m snapshot=6h retries=11',
  },

  { name: 'expectations', group: 'proof', of: POSTGRES, commands: ['restore-verify', 'drill'] },
  { name: 'extras', group: 'proof', commands: ['restore-verify', 'drill'] },

  {
    name: 'retention-days',
    group: 'retention',
    commands: [...JUDGING, 'doctor'],
    fallback: 'BACKUP_RETENTION_DAYS',
    default: '30',
    sources: {
      meilisearch: { fallback: 'MEILI_BACKUP_RETENTION_DAYS', default: '7' },
      bucket: { fallback: 'ASSETS_BACKUP_RETENTION_DAYS', default: '30' },
    },
  },
  { name: 'keep', group: 'retention', commands: [...JUDGING, 'doctor'] },
  { name: 'min-keep', group: 'retention', commands: JUDGING, default: '3' },
  { name: 'guards', group: 'retention', commands: ['prune', 'check'], default: 'max-delete=50% max-age=3d' },
  { name: 'expire-days', group: 'retention', commands: ['lifecycle', 'check'] },
  { name: 'delete-versions', group: 'retention', commands: ['prune'], default: 'false' },

  { name: 'targets', group: 'watch', commands: ['backup', 'restore-verify', 'reindex', 'check', 'drill'] },
  { name: 'report', group: 'watch', commands: ['list', 'check', 'drill'] },
  { name: 'github-token', group: 'watch', commands: ['drill'], secret: true },
  { name: 'heartbeat-url', group: 'watch', commands: EVERY, secret: true },
  { name: 'notify-webhook', group: 'watch', commands: EVERY, secret: true },

  { name: 'meili-host', group: 'meilisearch', of: MEILISEARCH, commands: ['backup'], fallback: 'MEILI_HOST' },
  {
    name: 'meili-api-key',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['backup'],
    fallback: 'MEILI_API_KEY',
    secret: true,
  },
  { name: 'meili-dump-dir', group: 'meilisearch', of: MEILISEARCH, commands: ['backup'] },
  {
    name: 'allow-inconsistent',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['backup'],
    default: 'false',
  },
  { name: 'target-meili-host', group: 'meilisearch', of: MEILISEARCH, commands: [...RESTORING, 'reindex'] },
  {
    name: 'target-meili-api-key',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: [...RESTORING, 'reindex'],
    secret: true,
  },
  {
    name: 'meili-embedder-keys',
    group: 'meilisearch',
    of: MEILISEARCH,
    commands: ['restore', 'reindex'],
    secret: true,
  },
  { name: 'reindex', group: 'meilisearch', commands: ['reindex'] },
]

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
  checkNames(env, INPUTS, { command, source }, problems)
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
  // What it reads of a store are backups of search.
  if (env[inputVariable('command')]?.trim() === 'reindex') return 'meilisearch'
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
