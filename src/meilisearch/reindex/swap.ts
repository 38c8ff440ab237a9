import type { ReindexContext } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'
import type { MeilisearchClient } from '../client.ts'
import { MeilisearchRefusal } from '../failure.ts'
import { followTask } from '../task.ts'

/** An index that was built anew, and the live one whose place it takes. */
export interface Fresh {
  readonly uid: string
  readonly name: string
}

/**
 * Puts all new indexes in the place of the live ones by one task: either all of them are there or none. Where there was
 * a live one, the old documents are under the new index's name afterwards; where there was none, that name is gone.
 */
export async function swapIn(
  client: MeilisearchClient,
  fresh: readonly Fresh[],
  { clock, stallMs }: Pick<ReindexContext, 'clock'> & { readonly stallMs: number },
): Promise<void> {
  const live = new Set((await client.indexes()).map(({ uid }) => uid))
  const pairs = (there: boolean): [string, string][] =>
    fresh.filter(({ uid }) => live.has(uid) === there).map(({ name, uid }) => [name, uid])
  const task = await requestSwap(client, pairs(true), pairs(false))
  await followTask(client, task, { what: 'the swap', clock, limitMs: stallMs })
}

/** Never sent twice: the second would undo the first. Where the answer was lost, the server's tasks tell. */
async function requestSwap(
  client: MeilisearchClient,
  swaps: readonly (readonly [string, string])[],
  renames: readonly (readonly [string, string])[],
): Promise<number> {
  try {
    return await client.swapIndexes(swaps, renames)
  } catch (error) {
    if (client.signal.aborted) throw error
    if (error instanceof MeilisearchRefusal && error.status < 500) {
      if (error.status === 400 && renames.length > 0) throw cannotRename(client, renames, error)
      throw error
    }
    const known = [...swaps, ...renames][0]?.[0] ?? ''
    const { results } = await client.tasks('types=indexSwap&limit=20')
    const found = results.find(({ details }) => JSON.stringify(details ?? {}).includes(`"${known}"`))
    if (!found) throw error
    return found.uid
  }
}

function cannotRename(
  { host }: MeilisearchClient,
  renames: readonly (readonly [string, string])[],
  cause: MeilisearchRefusal,
): LifeboatError {
  const missing = renames.map(([, uid]) => `"${uid}"`).join(', ')
  return new LifeboatError(
    'meilisearch',
    `Meilisearch at ${host} cannot put an index where there is none: ${missing}.`,
    {
      hint: 'Older servers can only exchange two indexes. Create it, empty (POST /indexes), and run again. Nothing was changed.',
      cause,
    },
  )
}
