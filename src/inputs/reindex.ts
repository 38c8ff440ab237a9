import { parseIdentities } from '../pipeline/age/identities.ts'
import { attempts } from './attempts.ts'
import { readDatabaseUrl } from './database-url.ts'
import type { Given } from './given.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'
import { parseCount, parseDuration } from './quantities.ts'
import type { ReindexRequest } from './request.ts'
import { parseEmbedderKeys, parseSearchServer } from './search-server.ts'
import { maskingWarnings } from './secrets.ts'
import { parseSettings } from './settings.ts'
import { readStore, type Remarks } from './store.ts'

const MINUTE = 60_000
const TARGETS = { rto: parseDuration }
const LIMITS = {
  stall: parseDuration,
  snapshot: parseDuration,
  lock: parseDuration,
  retries: (text: string) => parseCount(text, { least: 0, most: 20 }),
}
/** A backup's `stall` is of bytes; the steps of indexing are longer. */
export const REINDEX_LIMITS: ReindexRequest['limits'] = {
  stallMs: 30 * MINUTE,
  snapshotMs: 360 * MINUTE,
  lockWaitMs: 10_000,
  retries: 11,
}
const RTO_MS = 30 * MINUTE

/** Reads all that `reindex` needs; throws `input` with everything that is wrong. */
export function readReindex(given: Given, secrets: readonly string[], problems: Problems): ReindexRequest {
  const remarks: Remarks = { notices: [], warnings: [] }
  const attempt = attempts(given, problems)
  const need = (name: string, sentence: string): void => {
    if (given.value(name) === undefined) problems.add(name, `is missing or empty. ${sentence}`)
  }
  need(
    'reindex',
    'Name the file that declares the indexes: .github/search.yml. docs/reindex.md has an example.',
  )
  need(
    'database-url',
    'Give the URL of the database that the documents are read from, from a secret: env: DATABASE_URL: ${{ secrets.DATABASE_URL }}.',
  )
  need(
    'target-meili-host',
    'Give the address of the Meilisearch server whose indexes are built anew: https://search.example.com.',
  )
  const database = readDatabaseUrl(given, problems, 'database-url')
  const host = attempt('target-meili-host', parseSearchServer)
  const embedderKeys = attempt('meili-embedder-keys', parseEmbedderKeys) ?? new Map<string, string>()
  const backup = readBackup(given, problems, remarks)
  const targets = attempt('targets', (text) => parseSettings(text, TARGETS)) ?? {}
  const asked =
    given.origin('limits') === 'default'
      ? {}
      : (attempt('limits', (text) => parseSettings(text, LIMITS)) ?? {})
  if (problems.any) throw problems.failure()
  const declarations = given.value('reindex')
  if (!database || host === undefined || declarations === undefined)
    throw new TypeError('an input is neither there nor wrong')
  const apiKey = given.value('target-meili-api-key')
  return {
    command: 'reindex',
    connection: database.connection,
    search: { host, ...(apiKey !== undefined && { apiKey }) },
    embedderKeys,
    declarations,
    ...(backup && { backup }),
    rto: { ms: targets.rto ?? RTO_MS, asked: targets.rto !== undefined },
    limits: {
      stallMs: asked.stall ?? REINDEX_LIMITS.stallMs,
      snapshotMs: asked.snapshot ?? REINDEX_LIMITS.snapshotMs,
      lockWaitMs: asked.lock ?? REINDEX_LIMITS.lockWaitMs,
      retries: asked.retries ?? REINDEX_LIMITS.retries,
    },
    secrets,
    notices: [...remarks.notices, ...database.notices],
    warnings: [...remarks.warnings, ...database.warnings, ...maskingWarnings(secrets, [])],
  }
}

/** Where the backups of search are: only needed where settings are taken from one. */
function readBackup(given: Given, problems: Problems, remarks: Remarks): ReindexRequest['backup'] {
  if (given.value('bucket') === undefined) return undefined
  const store = readStore(given, problems, remarks)
  const prefixText = given.value('prefix') ?? ''
  const prefix = problems.attempt(given.label('prefix'), () => parsePrefix(prefixText))
  const keys = given.value('age-identities')
  const identities =
    keys === undefined
      ? []
      : (problems.attempt(given.label('age-identities'), () => parseIdentities(keys)) ?? [])
  if (!store || prefix === undefined) return undefined
  return { store, prefix, name: given.value('name'), identities }
}
