import type { IndexPlan, ReindexContext, SearchBuild, SearchServer } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import type { MeilisearchClient } from '../client.ts'
import { switchFeaturesBack, switchFeaturesOn } from '../features.ts'
import { followTask } from '../task.ts'
import { assertRights } from '../try-rights.ts'
import { settingsWithKeys } from './embedder-keys.ts'
import { fillIndex } from './fill-index.ts'
import { freshName, isFreshName } from './fresh-name.ts'
import { removeIndexes, type NotRemoved } from './remove-indexes.ts'
import { swapIn, type Fresh } from './swap.ts'

export interface BuilderOptions {
  readonly client: MeilisearchClient
  /** `products.default` and the like to the key of that embedder. */
  readonly embedderKeys: ReadonlyMap<string, string>
  /** How long a task may show no progress, in milliseconds. */
  readonly stallMs: number
  /** Six hexadecimal digits. */
  readonly random: () => string
  /** Called with the names of all indexes that have to be removed if this run vanishes. */
  readonly remember: (names: readonly string[]) => void
  /** Called with the experimental features that are about to be switched on, because settings of a backup need them. */
  readonly switching?: (features: readonly string[]) => void
}

/** After a cancelled run there are 7 seconds for everything. */
const REMOVAL_AFTER_CANCEL_MS = 2_500
const REMOVAL_MS = 60_000

/** A Meilisearch server on which indexes are built anew. */
export function meilisearchBuilder(options: BuilderOptions): SearchServer {
  return { description: options.client.host, prepare: (plans, context) => prepare(options, plans, context) }
}

async function prepare(
  options: BuilderOptions,
  plans: readonly IndexPlan[],
  context: ReindexContext,
): Promise<SearchBuild> {
  const { client, random, stallMs } = options
  const { log, clock } = context
  const settings = settingsWithKeys(plans, options.embedderKeys)
  await assertRights(client, 'reindex')
  log.info(`${client.host}: Meilisearch ${await client.version()}.`)
  await warnOfLeftovers(client, plans, log)

  const now = clock.now()
  const fresh = plans.map(({ uid }): Fresh => ({ uid, name: freshName(uid, now, random()) }))
  const ours = new Set<string>()
  let features: readonly string[] = []
  const remember = (): void => options.remember([...ours])
  const remove = async (): Promise<readonly NotRemoved[]> => {
    const { aborted } = client.signal
    const limitMs = aborted ? REMOVAL_AFTER_CANCEL_MS : REMOVAL_MS
    const { removed, left } = await removeIndexes(client, ours, { clock, limitMs })
    // A body that was under way when the run was cancelled may make one of them anew: the post step looks again.
    if (!aborted) for (const name of removed) ours.delete(name)
    remember()
    return left
  }
  let swapped = false
  const dispose = async (): Promise<void> => {
    if (!swapped) await switchFeaturesBack(client, features, log)
    features = []
    if (ours.size === 0) return
    for (const { name, error } of await remove()) log.warning(stillThere(client, name, error))
  }
  try {
    await switchFeaturesOn(client, [...new Set(plans.flatMap((plan) => plan.features))], (names) => {
      features = names
      options.switching?.(names)
    })
    for (const [place, { uid, name }] of fresh.entries()) {
      ours.add(name)
      remember()
      const follow = { clock, limitMs: stallMs }
      const created = await client.createIndex(name, plans[place]?.primaryKey ?? null)
      await followTask(client, created, { ...follow, what: `creating the index "${name}"` })
      const set = await client.updateSettings(name, settings[place] ?? '{}')
      await followTask(client, set, { ...follow, what: `the settings of "${uid}"` })
    }
  } catch (error) {
    await dispose()
    throw error
  }
  log.info(`New indexes with their settings: ${fresh.map(({ name }) => name).join(', ')}.`)
  return {
    fill: (plan, documents, inside) => {
      const name = fresh.find(({ uid }) => uid === plan.uid)?.name
      if (name === undefined) throw new TypeError(`index ${plan.uid} was not prepared`)
      return fillIndex(client, { plan, fresh: name, stallMs }, documents, inside)
    },
    swap: async () => {
      await swapIn(client, fresh, { clock, stallMs })
      swapped = true
      if (features.length > 0)
        log.notice(`Experimental features were switched on, which settings need: ${features.join(', ')}.`)
      log.info('The new indexes are in the place of the live ones.')
      const [stuck] = await remove()
      if (stuck) throw notRemoved(client, stuck)
    },
    [Symbol.asyncDispose]: dispose,
  }
}

async function warnOfLeftovers(
  client: MeilisearchClient,
  plans: readonly IndexPlan[],
  log: ReindexContext['log'],
): Promise<void> {
  for (const { uid } of await client.indexes()) {
    if (!plans.some((plan) => isFreshName(uid, plan.uid))) continue
    log.warning(
      `An index "${uid}" on ${client.host} is what a re-index left whose machine vanished, or what stood there before a restore, or another re-index is running now. ` +
        `If none is, remove it: curl -X DELETE -H "Authorization: Bearer $KEY" ${client.host}/indexes/${uid}`,
    )
  }
}

function stillThere({ host }: MeilisearchClient, name: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  return `The index "${name}" could not be removed from ${host}; the post step tries again. ${reason}`
}

function notRemoved({ host }: MeilisearchClient, { name, error }: NotRemoved): LifeboatError {
  return new LifeboatError(
    'incomplete',
    `Search is in place, but the old index, now called "${name}", could not be removed from ${host}.`,
    {
      hint: `It takes room and does no harm otherwise. The post step tries again; by hand: DELETE /indexes/${name}.`,
      cause: error,
    },
  )
}
