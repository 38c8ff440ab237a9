import { LifeboatError } from '../errors.ts'
import { parseCompression } from '../pipeline/compression.ts'
import { attempts } from './attempts.ts'
import { readBasics } from './backup-basics.ts'
import { readDatabaseUrl } from './database-url.ts'
import type { Given } from './given.ts'
import type { Problems } from './problems.ts'
import type { PostgresBackupRequest } from './request.ts'
import { maskingWarnings } from './secrets.ts'
import { listed, parseProgramFolder } from './values.ts'

/** Reads all that a backup of a database needs; throws `input` with everything that is wrong. */
export function readBackup(
  given: Given,
  secrets: readonly string[],
  problems: Problems,
): PostgresBackupRequest {
  const attempt = attempts(given, problems)
  const basics = readBasics(given, problems)
  const parsed = readDatabaseUrl(given, problems, 'database-url')
  if (given.value('database-url') === undefined) {
    problems.add(
      'database-url',
      'is missing or empty. Put the URL into a secret and hand it to this step: env: DATABASE_URL: ' +
        '${{ secrets.DATABASE_URL }}. It looks like postgresql://user:password@host:5432/database.',
    )
  }
  const databases = attempt('databases', parseDatabases)
  if (given.value('name') !== undefined && given.value('databases') !== undefined) {
    problems.add(
      'name',
      'contradicts databases: each database is backed up under its own name. Remove one of them.',
    )
  }
  const pgBinDir = attempt('pg-bin-dir', parseProgramFolder)
  const compression = attempt('compression', parseCompression)
  const fingerprint = attempt('fingerprint', parseFingerprint)
  if (problems.any) throw problems.failure()
  if (!(basics && parsed && compression && fingerprint)) {
    throw new TypeError('an input is neither there nor wrong')
  }
  const { remarks, name, ...others } = basics
  return {
    command: 'backup',
    source: 'postgres',
    ...others,
    ...(name !== undefined && { name }),
    connection: parsed.connection,
    databases,
    ...(pgBinDir !== undefined && { pgBinDir }),
    compression,
    fingerprint,
    secrets,
    notices: [...remarks.notices, ...parsed.notices],
    warnings: [
      ...remarks.warnings,
      ...parsed.warnings,
      ...maskingWarnings(secrets, [
        others.prefix,
        name ?? parsed.connection.database,
        ...(Array.isArray(databases) ? databases : []),
      ]),
    ],
  }
}

/** `shop, crm`, or `*`. Throws `input`. */
export function parseDatabases(text: string): 'all' | string[] {
  const names = listed(text)
  if (names.includes('*')) {
    if (names.length === 1) return 'all'
    throw new LifeboatError('input', 'holds "*" beside names.', { hint: 'Write only *, or only names.' })
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new LifeboatError('input', `names "${twice}" twice.`, { hint: 'Remove one.' })
  if (names.length === 0) {
    throw new LifeboatError('input', 'names no database.', { hint: 'Write for example shop, crm.' })
  }
  return names
}

function parseFingerprint(text: string): PostgresBackupRequest['fingerprint'] {
  if (text === 'digest' || text === 'counts' || text === 'none') return text
  throw new LifeboatError('input', 'is not one of digest, counts, none.', {
    hint: 'The usual choice is digest.',
  })
}
