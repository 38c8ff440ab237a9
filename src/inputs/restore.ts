import { attempts } from './attempts.ts'
import { readDatabaseUrl, type DatabaseUrl } from './database-url.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import type { PostgresRestoreRequest } from './request.ts'
import { readRestoreBasics, whatOf } from './restore-basics.ts'
import { maskingWarnings } from './secrets.ts'
import { parseProgramFolder, parseSwitch, patternsLike } from './values.ts'

/** Reads all that `restore` needs; throws `input` with everything that is wrong. */
export function readRestore(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): PostgresRestoreRequest {
  const attempt = attempts(given, problems)
  const basics = readRestoreBasics(given, problems)
  const target = readTarget(given, problems)
  const only = attempt('only', patternsLike('public.orders, shop.*')) ?? []
  const clean = attempt('clean', parseSwitch) ?? false
  if (clean && only.length > 0) {
    problems.add('only', 'contradicts clean: a part would take the place of the whole. Remove one of them.')
  }
  const pgBinDir = attempt('pg-bin-dir', parseProgramFolder)
  if (problems.any) throw problems.failure()
  if (!basics || !target) throw new TypeError('an input is neither there nor wrong')
  const { store, prefix, identities, remarks } = basics
  return {
    command: 'restore',
    source: 'postgres',
    store,
    prefix,
    what: whatOf(basics),
    identities,
    target: target.connection,
    only,
    clean,
    ...(pgBinDir !== undefined && { pgBinDir }),
    secrets,
    notices: [...remarks.notices, ...target.notices],
    warnings: [
      ...remarks.warnings,
      ...target.warnings,
      ...maskingWarnings(secrets, [prefix, target.connection.database]),
    ],
  }
}

/** Said in the step, both of them: nobody restores into production by a variable that was left in the environment. */
function readTarget(given: Given, problems: Problems): DatabaseUrl | undefined {
  const url = given.value('target-database-url')
  const confirm = given.value('confirm')
  if (url === undefined) {
    problems.add(
      'target-database-url',
      'is missing or empty. Give the URL of the database that the backup goes into, from a secret: ' +
        'postgresql://user:password@host:5432/database.',
    )
  }
  const parsed = readDatabaseUrl(given, problems, 'target-database-url')
  if (parsed && confirm !== parsed.connection.database) {
    problems.add(
      'confirm',
      `${confirm === undefined ? 'is missing' : `is "${confirm}"`}, and target-database-url leads to ` +
        `"${parsed.connection.database}". Write the name of the database that is restored into.`,
    )
  }
  return parsed
}
