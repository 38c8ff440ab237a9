import type { Clock } from '../../catalog/ports.ts'
import type { MeilisearchClient } from '../client.ts'
import { isMissingIndex } from '../failure.ts'
import { followTask } from '../task.ts'

/** An index that is still there, and why. */
export interface NotRemoved {
  readonly name: string
  readonly error: unknown
}

/**
 * Removes indexes, all at once; one that is not there is as good as removed. After a cancelled run it takes no more than
 * a few seconds.
 */
export async function removeIndexes(
  client: MeilisearchClient,
  names: Iterable<string>,
  { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number },
): Promise<{ readonly removed: readonly string[]; readonly left: readonly NotRemoved[] }> {
  const asking = client.signal.aborted ? client.afterAbort() : client
  const removed: string[] = []
  const left: NotRemoved[] = []
  const removeOne = async (name: string): Promise<void> => {
    try {
      const what = `removing the index "${name}"`
      await followTask(asking, await asking.deleteIndex(name), { what, clock, limitMs })
      removed.push(name)
    } catch (error) {
      if (isMissingIndex(error)) removed.push(name)
      else left.push({ name, error })
    }
  }
  await Promise.all([...names].map(removeOne))
  return { removed, left }
}
