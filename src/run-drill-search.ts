import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from './catalog/ports.ts'
import type { DrillStep } from './commands/drill.ts'
import { legOf } from './commands/drill-leg.ts'
import { rebuiltLeg } from './commands/drill-rebuild.ts'
import { LifeboatError } from './errors.ts'
import { REINDEX_LIMITS } from './inputs/reindex.ts'
import type { DrilledSearch, DrillRequest, MeilisearchVerifyRequest } from './inputs/request.ts'
import { switchFeaturesBack } from './meilisearch/features.ts'
import { removeIndexes } from './meilisearch/reindex/remove-indexes.ts'
import type { Connection } from './postgres/connection.ts'
import { rebuildSearch, rememberIndexes, searchClient, type RebuildRequest } from './run-reindex.ts'
import { verifyBackup } from './run-restore-verify.ts'
import type { Run } from './wiring.ts'

const REMOVAL_MS = 60_000

/** How the recovery of search is practised. */
export interface PractisedSearch {
  /** One of each of its backups; first, for each needs the server empty and leaves it so. */
  readonly fromBackup: readonly DrillStep[]
  /** From the database that was restored, as long as `restored` gives it; absent where nothing is declared. */
  readonly rebuild?: (database: string | undefined, restored: () => Connection | undefined) => DrillStep
  /** Empties the server of what was rebuilt on it: once nobody asks it any more. */
  clear(): Promise<void>
}

/** What a rebuild left on the server. */
interface Made {
  readonly indexes: Set<string>
  /** Experimental features that were off. */
  readonly features: Set<string>
}

interface Practice {
  readonly request: DrillRequest
  readonly search: DrilledSearch
  /** Names of its backups. */
  readonly searches: readonly string[]
}

/** Search as it can be practised by this request. */
export function practisedSearch(practice: Practice, run: Run): PractisedSearch {
  const { search, searches } = practice
  const { rebuilt, target } = search
  const backups = searches.map((name) => backupStep(name, practice, run))
  const nothing = backups.length === 0 && rebuilt === undefined
  const made: Made = { indexes: new Set(), features: new Set() }
  return {
    fromBackup: nothing ? [missingStep(practice)] : backups,
    ...(rebuilt &&
      target && {
        rebuild: (database, restored) => rebuildStep({ database, restored, practice, made }, run),
      }),
    clear: () => clear(practice, made, run),
  }
}

function backupStep(name: string, { request, search }: Practice, run: Run): DrillStep {
  const { prefix, target, liveHost, rtoMs } = search
  const { store, choice, identities, targets, stallMs, retries, mostMemory, secrets } = request
  const verification: MeilisearchVerifyRequest = {
    command: 'restore-verify',
    source: 'meilisearch',
    store,
    prefix,
    // An id is a database's.
    choice: { name, id: undefined, before: choice.before },
    identities,
    ...(target && { target }),
    ...(liveHost !== undefined && { liveHost }),
    extras: ['negative-control'],
    targets: { ...targets, rto: rtoMs },
    stallMs,
    retries,
    mostMemory,
    secrets,
    notices: [],
    warnings: [],
  }
  return {
    title: `Search "${name}", from its backup`,
    targetSeconds: rtoMs / 1000,
    recover: async () =>
      legOf(await verifyBackup(verification, await apart(run)), { now: systemClock.now() }),
  }
}

/** Search is there, and nothing would bring it back. */
function missingStep({ search }: Practice): DrillStep {
  return {
    title: 'Search',
    targetSeconds: search.rtoMs / 1000,
    recover: () =>
      Promise.reject(
        new LifeboatError('store-missing', `There is no backup of search under ${search.prefix || '/'}.`, {
          hint: 'Back it up (command: backup, source: meilisearch), or give the file that rebuilds it (reindex). Where its backups are, MEILI_BACKUP_PREFIX says.',
        }),
      ),
  }
}

function rebuildStep(
  {
    database,
    restored,
    practice: { request, search },
    made,
  }: {
    readonly database: string | undefined
    readonly restored: () => Connection | undefined
    readonly practice: Practice
    readonly made: Made
  },
  run: Run,
): DrillStep {
  const targetSeconds = search.rtoMs / 1000
  return {
    title: `Search, rebuilt from ${database === undefined ? 'the database' : `database "${database}"`}`,
    targetSeconds,
    recover: async () => {
      const connection = restored()
      if (!connection) {
        throw new LifeboatError(
          'incomplete',
          'The database was not restored, so there was nothing to rebuild search from.',
          { hint: 'Mend that first: see the database above.' },
        )
      }
      const rebuild = rebuildOf(request, search, connection)
      await refuseFilled(rebuild, run)
      const outcome = await rebuildSearch(rebuild, await apart(run), (features) => {
        for (const name of features) made.features.add(name)
      })
      for (const { uid } of outcome.indexes) made.indexes.add(uid)
      rememberIndexes([...made.indexes], run.reporter)
      return rebuiltLeg(outcome, { targetSeconds })
    },
  }
}

function rebuildOf(
  { store, identities, retries }: DrillRequest,
  { prefix, target, rebuilt }: DrilledSearch,
  connection: Connection,
): RebuildRequest {
  if (!target || !rebuilt) throw new TypeError('search is rebuilt, and nobody said of what, or where')
  return {
    connection,
    search: target,
    embedderKeys: rebuilt.embedderKeys,
    declarations: rebuilt.declarations,
    backup: { store, prefix, name: undefined, identities },
    limits: { ...REINDEX_LIMITS, retries },
  }
}

/** Nobody's search is replaced by a drill, whatever address was given by mistake. */
async function refuseFilled(rebuild: RebuildRequest, { signal }: Run): Promise<void> {
  const client = searchClient(rebuild, signal)
  const indexes = await client.indexes()
  if (indexes.length === 0) return
  throw new LifeboatError(
    'input',
    `The server at target-meili-host (${client.host}) is not empty: it has ${indexes.length} indexes.`,
    {
      hint: 'A drill builds on an empty server only, and removes what it made. Give another one, for example a service container.',
    },
  )
}

async function clear({ request, search: { target } }: Practice, made: Made, run: Run): Promise<void> {
  if (!target || made.indexes.size + made.features.size === 0) return
  const { log } = run.reporter
  const client = searchClient(
    { search: target, limits: { ...REINDEX_LIMITS, retries: request.retries } },
    run.signal,
  )
  const { removed, left } = await removeIndexes(client, made.indexes, {
    clock: systemClock,
    limitMs: REMOVAL_MS,
  })
  for (const { name } of left)
    log.warning(`The index "${name}" stays on ${client.host}: it could not be removed.`)
  for (const name of removed) made.indexes.delete(name)
  rememberIndexes([...made.indexes], run.reporter)
  await switchFeaturesBack(client, [...made.features], log)
}

/** A folder of its own: the database's verification, which may be under way, has files in the run's. */
async function apart(run: Run): Promise<Run> {
  const temporary = join(run.surroundings.temporary, 'search')
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  return { ...run, surroundings: { ...run.surroundings, temporary } }
}
