import { LifeboatError } from '../errors.ts'
import { parseIdentities } from '../pipeline/age/identities.ts'
import { parseConnection } from '../postgres/connection.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import type { PostgresRestoreRequest } from './request.ts'
import { maskingWarnings } from './secrets.ts'
import { readStore, type Remarks } from './store.ts'
import { readChoice } from './which-backup.ts'

/** Reads all that `restore` needs; throws `input` with everything that is wrong. */
export function readRestore(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): PostgresRestoreRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = given.value(name)
    return text === undefined ? undefined : problems.attempt(given.label(name), () => parse(text))
  }
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const choice = readChoice(given, problems)
  const key = given.value('key')
  for (const name of ['name', 'backup-id', 'before'].filter((each) => given.value(each) !== undefined)) {
    if (key !== undefined) problems.add(name, 'contradicts key, which names one object. Remove one of them.')
  }
  const identities = attempt('age-identities', parseIdentities) ?? []
  const target = readTarget(given, problems)
  const only = attempt('only', parsePatterns) ?? []
  const clean = attempt('clean', parseSwitch) ?? false
  if (clean && only.length > 0) {
    problems.add('only', 'contradicts clean: a part would take the place of the whole. Remove one of them.')
  }
  const pgBinDir = attempt('pg-bin-dir', parseFolder)
  if (problems.any) throw problems.failure()
  if (!store || prefix === undefined || !target) throw new TypeError('an input is neither there nor wrong')
  return {
    command: 'restore',
    source: 'postgres',
    store,
    prefix,
    what: key === undefined ? { kind: 'backup', choice } : { kind: 'key', key },
    identities,
    target: target.connection,
    only,
    clean,
    ...(pgBinDir !== undefined && { pgBinDir }),
    secrets,
    notices: [...remarks.notices, ...target.notices],
    warnings: [...remarks.warnings, ...maskingWarnings(secrets, [prefix, target.connection.database])],
  }
}

/** Said in the step, both of them: nobody restores into production by a variable that was left in the environment. */
function readTarget(given: Given, problems: Problems): ReturnType<typeof parseConnection> | undefined {
  const url = given.value('target-database-url')
  const confirm = given.value('confirm')
  if (url === undefined) {
    problems.add(
      'target-database-url',
      'is missing or empty. Give the URL of the database that the backup goes into, from a secret: ' +
        'postgresql://user:password@host:5432/database.',
    )
  }
  const parsed =
    url === undefined ? undefined : problems.attempt('target-database-url', () => parseConnection(url))
  if (parsed && confirm !== parsed.connection.database) {
    problems.add(
      'confirm',
      `${confirm === undefined ? 'is missing' : `is "${confirm}"`}, and target-database-url leads to ` +
        `"${parsed.connection.database}". Write the name of the database that is restored into.`,
    )
  }
  return parsed
}

function parsePatterns(text: string): string[] {
  const patterns = text
    .split(/[,\n]/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '')
  if (patterns.length > 0) return patterns
  throw new LifeboatError('input', 'names nothing.', { hint: 'Write for example public.orders, shop.*.' })
}

function parseSwitch(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new LifeboatError('input', `"${text}" is neither true nor false.`)
}

function parseFolder(text: string): string {
  if (/^\/[^\0]*$/.test(text)) return text.replace(/(?<=.)\/+$/, '')
  throw new LifeboatError('input', 'is not an absolute path.', {
    hint: 'Write for example /usr/lib/postgresql/17/bin.',
  })
}
