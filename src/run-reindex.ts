import { randomBytes } from 'node:crypto'
import { systemClock } from './catalog/ports.ts'
import { reindex, type ReindexOutcome } from './commands/reindex.ts'
import { LifeboatError } from './errors.ts'
import { readRequest } from './inputs.ts'
import type { Environment } from './inputs/given.ts'
import { REINDEX_LIMITS } from './inputs/reindex.ts'
import type { ReindexRequest, Request } from './inputs/request.ts'
import { meilisearchClient, type MeilisearchClient } from './meilisearch/client.ts'
import { meilisearchBuilder } from './meilisearch/reindex/build.ts'
import { removeIndexes } from './meilisearch/reindex/remove-indexes.ts'
import { postgresDocuments } from './postgres/documents.ts'
import { formatDuration, plural } from './report/format.ts'
import { indexProgress } from './report/index-progress.ts'
import { reindexOutputs, reindexSummary, rtoSentence, type ReindexReport } from './report/reindex-summary.ts'
import type { Reporter } from './report/reporter.ts'
import { renderSummary } from './report/summary.ts'
import { readPlans } from './run-reindex-plans.ts'
import type { Run } from './wiring.ts'

const STATE = 'new-indexes'
/** Without a byte of an answer for so long a request is given up. */
const SILENCE_MS = 60_000
const SNAPSHOT_ATTEMPTS = 12
const REMOVAL_MS = 60_000

/** All that building search anew takes; whoever asks for it judges how long it took. */
export type RebuildRequest = Pick<
  ReindexRequest,
  'connection' | 'search' | 'embedderKeys' | 'declarations' | 'backup' | 'limits'
>

/** `command: reindex`: build and swap → report. */
export async function runReindex(request: ReindexRequest, run: Run): Promise<void> {
  const { reporter } = run
  const { rto } = request
  const outcome = await rebuildSearch(request, run)
  await report({ ...outcome, rtoMs: rto.ms }, reporter)
  if (outcome.tookMs > rto.ms) missedTarget({ ...outcome, rtoMs: rto.ms }, { asked: rto.asked, reporter })
}

/** Read the declarations → wire → build and swap; tells nobody but `switching` of the features that it switches on. */
export async function rebuildSearch(
  request: RebuildRequest,
  { surroundings, reporter, signal }: Run,
  switching?: (features: readonly string[]) => void,
): Promise<ReindexOutcome> {
  const { log } = reporter
  const { connection, embedderKeys, limits } = request
  const plans = await readPlans(request, { surroundings, reporter, signal })
  const client = searchClient(request, signal)
  const source = postgresDocuments({
    connection,
    limits: { heldMs: limits.snapshotMs, lockWaitMs: limits.lockWaitMs, attempts: SNAPSHOT_ATTEMPTS },
  })
  const server = meilisearchBuilder({
    client,
    embedderKeys,
    stallMs: limits.stallMs,
    random: () => randomBytes(3).toString('hex'),
    remember: (names) => rememberIndexes(names, reporter),
    ...(switching && { switching }),
  })
  return await reindex(
    plans,
    { source, server },
    {
      log,
      clock: systemClock,
      signal,
      progress: (uid) => indexProgress({ log, clock: systemClock, uid }),
    },
  )
}

/** What the post step removes from the search server where this run cannot. */
export function rememberIndexes(names: readonly string[], reporter: Pick<Reporter, 'saveState'>): void {
  reporter.saveState(STATE, JSON.stringify(names))
}

/** The post step: removes what a killed run left on the search server. */
export async function removeRememberedIndexes(
  env: Environment,
  reporter: Pick<Reporter, 'state' | 'log'>,
): Promise<void> {
  const names = JSON.parse(reporter.state(STATE) || '[]') as string[]
  if (names.length === 0) return
  const request = readRequest(env)
  const server = serverOf(request)
  if (server === undefined) return
  const client = searchClient(server, new AbortController().signal)
  const there = new Set((await client.indexes()).map(({ uid }) => uid))
  const { removed, left } = await removeIndexes(
    client,
    names.filter((name) => there.has(name)),
    { clock: systemClock, limitMs: REMOVAL_MS },
  )
  for (const name of removed)
    reporter.log.info(`Removed the index "${name}", which the step had left on ${client.host}.`)
  const [stuck] = left
  if (stuck) throw stuck.error
}

/** Where a run has built indexes. */
function serverOf(request: Request): Pick<ReindexRequest, 'search' | 'limits'> | undefined {
  if (request.command === 'reindex') return request
  if (request.command !== 'drill' || request.search?.target === undefined) return undefined
  return { search: request.search.target, limits: { ...REINDEX_LIMITS, retries: request.retries } }
}

export function searchClient(
  { search, limits }: Pick<ReindexRequest, 'search' | 'limits'>,
  signal: AbortSignal,
): MeilisearchClient {
  const { host, apiKey } = search
  const timeoutMs = Math.min(SILENCE_MS, limits.stallMs)
  const { retries, stallMs } = limits
  return meilisearchClient({ host, apiKey, timeoutMs, stallMs, retries, signal })
}

async function report(content: ReindexReport, reporter: Reporter): Promise<void> {
  const { log } = reporter
  for (const [name, value] of Object.entries(reindexOutputs(content))) reporter.output(name, value)
  for (const { uid, sent, live } of content.indexes) {
    const change = live === undefined ? 'there was none before' : `before: ${plural(live, 'document')}`
    log.info(`${uid}: ${plural(sent, 'document')} (${change}).`)
    if (live !== undefined && sent * 2 < live) {
      log.warning(
        `Index "${uid}" has ${plural(sent, 'document')} now and had ${plural(live, 'document')}: is that what the database holds?`,
      )
    }
  }
  for (const note of content.notes) log.notice(note)
  log.info(
    `Search shows the database as it was ${formatDuration(content.lagMs)} before the swap. It took ${formatDuration(content.tookMs)}, ${rtoSentence(content)}.`,
  )
  await reporter.summary(renderSummary(reindexSummary(content), { redact: reporter.redact }))
}

function missedTarget(
  content: ReindexReport,
  { asked, reporter }: { asked: boolean; reporter: Reporter },
): void {
  const sentence = `Search is in place, but rebuilding it took ${formatDuration(content.tookMs)}, ${rtoSentence(content)}.`
  if (!asked) {
    reporter.log.warning(sentence)
    return
  }
  throw new LifeboatError('incomplete', sentence, {
    hint: 'The summary has the time of each phase and index. Make the slowest faster, or raise targets: rto=….',
  })
}
