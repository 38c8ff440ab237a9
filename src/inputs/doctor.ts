import { parseIdentities } from '../pipeline/age/identities.ts'
import { attempts } from './attempts.ts'
import { parseDatabases } from './backup.ts'
import { readRecipients } from './backup-basics.ts'
import { isSource } from './catalog-request.ts'
import { readDatabaseUrl } from './database-url.ts'
import type { Given } from './given.ts'
import { HOST_MISSING, readLiveServer } from './meilisearch-backup.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import type { DoctorRequest } from './request.ts'
import { readStore, type Remarks } from './store.ts'
import { parseProgramFolder } from './values.ts'

/**
 * Reads what `doctor` looks at. What is wrong with it ends nothing: it becomes a part of the request, and what cannot be
 * read is absent.
 */
export function readDoctor(given: Given, secrets: readonly string[], problems: Problems): DoctorRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const text = given.value('source') ?? ''
  if (!isSource(text)) problems.add('source', `"${text}" is not one of postgres, meilisearch, bucket.`)
  const source = isSource(text) ? text : 'postgres'
  const store = readStore(given, problems, remarks)
  const prefix = attempt('prefix', parsePrefix)
  const recipients = readRecipients(given, problems)
  const identities = attempt('age-identities', parseIdentities) ?? []
  const parsed = readDatabaseUrl(given, problems, 'database-url')
  if (source === 'postgres' && given.value('database-url') === undefined) {
    problems.add('database-url', 'is missing or empty. Give the one that backup is given.')
  }
  const search = readLiveServer(given, problems)
  const usesSearch = source === 'meilisearch' || given.value('meili-host') !== undefined
  if (source === 'meilisearch' && given.value('meili-host') === undefined) {
    problems.add('meili-host', HOST_MISSING)
  }
  const databases = attempt('databases', parseDatabases)
  const pgBinDir = attempt('pg-bin-dir', parseProgramFolder)
  return {
    command: 'doctor',
    source,
    ...(store && { store }),
    ...(prefix !== undefined && { prefix }),
    ...(recipients && { recipients }),
    identities,
    ...(parsed && { connection: parsed.connection }),
    databases,
    ...(pgBinDir !== undefined && { pgBinDir }),
    ...(search && { search }),
    deletes: ['keep', 'retention-days'].some((name) =>
      ['input', 'environment'].includes(given.origin(name) ?? ''),
    ),
    inputs: {
      problems: problems.listed,
      // A workflow hands these over, whether or not there is a search server.
      empty: given.empty.filter(({ input }) => usesSearch || !input.startsWith('meili-')),
      read: given.names,
    },
    secrets,
    notices: [...remarks.notices, ...(parsed?.notices ?? [])],
    warnings: [...remarks.warnings, ...(parsed?.warnings ?? [])],
  }
}
