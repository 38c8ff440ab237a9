import type { MeilisearchClient } from './client.ts'
import type { Task } from './task-answer.ts'

/** Swaps of indexes that the server has done, newest first. */
export type Swaps = readonly { readonly uid: number; readonly pairs: readonly (readonly string[])[] }[]

/** More than anybody swaps while an index is read. */
const MOST = 200

/** A swap belongs to no index in the server's list of tasks: each has to be looked into. */
export async function doneSwaps(client: MeilisearchClient): Promise<Swaps> {
  const { results } = await client.tasks(`types=indexSwap&statuses=succeeded&limit=${MOST}`)
  return results.map((task) => ({ uid: task.uid, pairs: pairsOf(task) }))
}

/** The newest of them that moved this index. */
export function newestSwapOf(uid: string, swaps: Swaps): number | undefined {
  return swaps.find(({ pairs }) => pairs.some((pair) => pair.includes(uid)))?.uid
}

/**
 * Indexes of which one was read before a swap and the other after it: what one had may be there twice, and what the
 * other had not at all. `seen` has the newest swap that was done when each index had been read.
 */
export function tornApart(swaps: Swaps, seen: ReadonlyMap<string, number>): readonly string[] {
  const torn = swaps.flatMap(({ uid: swap, pairs }) =>
    pairs.filter((pair) => {
      // One that is not in the backup has nothing in it to be torn from.
      const read = pair.flatMap((uid) => seen.get(uid) ?? [])
      return read.length === pair.length && new Set(read.map((until) => until >= swap)).size > 1
    }),
  )
  return [...new Set(torn.flat())]
}

function pairsOf({ details }: Task): (readonly string[])[] {
  const swaps = details?.['swaps']
  if (!Array.isArray(swaps)) return []
  return (swaps as unknown[]).flatMap((swap) => {
    const indexes = (swap as { readonly indexes?: unknown } | null)?.indexes
    return Array.isArray(indexes) ? [indexes.map(String)] : []
  })
}
