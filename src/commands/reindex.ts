import type {
  DocumentSnapshot,
  DocumentSource,
  FillContext,
  FilledIndex,
  IndexPlan,
  SearchBuild,
  SearchDocument,
  SearchServer,
} from '../catalog/reindex.ts'
import { stopwatch } from '../catalog/stopwatch.ts'
import { LifeboatError } from '../errors.ts'

export type ReindexedIndex = FilledIndex & { readonly seconds: number }

export interface ReindexOutcome {
  readonly database: string
  readonly search: string
  /** Search shows the database as it was then. */
  readonly snapshotTime: Date
  readonly indexes: readonly ReindexedIndex[]
  /** From the beginning to the moment when search was in place. */
  readonly tookMs: number
  /** From the snapshot to that moment: so far search is behind the database. */
  readonly lagMs: number
  readonly seconds: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}

/**
 * Builds indexes anew from queries of a database: all in one snapshot, each beside the live one, and all swapped in
 * together at the end. Whatever fails before leaves the live indexes as they are and removes the new ones.
 */
export async function reindex(
  plans: readonly IndexPlan[],
  { source, server }: { source: DocumentSource; server: SearchServer },
  context: FillContext,
): Promise<ReindexOutcome> {
  const { log, clock } = context
  const watch = stopwatch(clock)
  const begun = clock.elapsed()
  await using build = await log.group('Search', () => server.prepare(plans, context))
  watch.lap('prepare')
  const read = await fillAll(plans, source, build, context)
  watch.lap('documents')
  await log.group('Swap', () => build.swap())
  const done = clock.elapsed()
  watch.lap('swap')
  return {
    database: read.database,
    search: server.description,
    snapshotTime: read.time,
    indexes: read.filled,
    tookMs: done - begun,
    lagMs: done - read.at,
    seconds: watch.seconds(),
    notes: read.notes,
  }
}

/** The snapshot is held no longer than documents are read from it. */
async function fillAll(
  plans: readonly IndexPlan[],
  source: DocumentSource,
  build: SearchBuild,
  context: FillContext,
): Promise<{
  readonly database: string
  readonly time: Date
  /** When the snapshot was taken, by our own clock: the two clocks need not agree. */
  readonly at: number
  readonly filled: readonly ReindexedIndex[]
  readonly notes: readonly string[]
}> {
  const { log, clock } = context
  await using snapshot = await log.group('Database', () => source.open(plans, context))
  const at = clock.elapsed()
  log.info(`All queries see the database as it was at ${snapshot.time.toISOString()}.`)
  const filled: ReindexedIndex[] = []
  for (const plan of plans) {
    const since = clock.elapsed()
    const index = await log.group(`Index ${plan.uid}`, () => fillOne(plan, snapshot, build, context))
    filled.push({ ...index, seconds: (clock.elapsed() - since) / 1000 })
  }
  return { database: snapshot.description, time: snapshot.time, at, filled, notes: snapshot.notes }
}

async function fillOne(
  plan: IndexPlan,
  snapshot: DocumentSnapshot,
  build: SearchBuild,
  context: FillContext,
): Promise<FilledIndex> {
  const index = await build.fill(plan, withoutRepetition(plan, snapshot), {
    ...context,
    signal: snapshot.signal,
  })
  if (index.indexed === index.sent) {
    refuseEmptiness(plan, index)
    return index
  }
  await refuseRepetition(plan, snapshot)
  throw new LifeboatError(
    'incomplete',
    `Index "${plan.uid}": ${index.sent} documents were sent, and the search server has ${index.indexed}.`,
    {
      hint: 'Look at its tasks and its log. If the query gives other rows each time (random(), a sequence), make it repeatable. Search is as it was.',
    },
  )
}

/** A join that multiplies rows mostly shows at once: equal keys stand beside each other. */
async function* withoutRepetition(
  plan: IndexPlan,
  snapshot: DocumentSnapshot,
): AsyncGenerator<readonly SearchDocument[]> {
  let last: string | undefined
  for await (const documents of snapshot.documents(plan)) {
    const keys = new Set(documents.map(({ key }) => key))
    if (keys.size < documents.length || (last !== undefined && keys.has(last))) {
      await refuseRepetition(plan, snapshot)
    }
    last = documents.at(-1)?.key
    yield documents
  }
}

async function refuseRepetition(plan: IndexPlan, snapshot: DocumentSnapshot): Promise<void> {
  const duplicates = await snapshot.duplicates(plan)
  if (duplicates.length === 0) return
  const named = duplicates.map(({ key, rows }) => `${key} (${rows} rows)`).join(', ')
  throw new LifeboatError(
    'incomplete',
    `The query of index "${plan.uid}" (line ${plan.line}) gives several rows with the same "${plan.primaryKey}": ${named}.`,
    {
      hint: 'Of documents with one key only the last would stay. Often a join multiplies rows: aggregate what it adds (json_agg, array_agg), or choose another key. Search is as it was.',
    },
  )
}

/** Of a database that was not restored, or of the wrong one, every query gives nothing. */
function refuseEmptiness({ uid, line, mayBeEmpty }: IndexPlan, { sent, live = 0 }: FilledIndex): void {
  if (sent > 0 || live === 0 || mayBeEmpty) return
  throw new LifeboatError(
    'guard',
    `The query of index "${uid}" (line ${line}) gives no document, and there are ${live} in search.`,
    {
      hint: 'Is it the right database, and was it restored? Where nothing is right, write may-be-empty: true beside the query. Search is as it was.',
    },
  )
}
