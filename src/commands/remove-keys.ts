import type { ObjectVersion, PrunableStore, Removal } from '../storage/prunable-store.ts'
import { sideBySide } from './side-by-side.ts'

/** What became of a key, with all its versions where those are removed too. */
export type KeyOutcome = Pick<Removal, 'outcome' | 'reason'>

export type RemoveKeys = (keys: readonly string[]) => Promise<ReadonlyMap<string, KeyOutcome>>

const AT_A_TIME = 8

/**
 * Removes keys, or, with `deleteVersions`, every version that they have: those are listed per folder, once, at the first
 * call.
 */
export function keyRemover(
  store: PrunableStore,
  {
    deleteVersions,
    folders,
    signal,
  }: { readonly deleteVersions: boolean; readonly folders: readonly string[]; readonly signal: AbortSignal },
): RemoveKeys {
  if (!deleteVersions) {
    return async (keys) => (keys.length === 0 ? new Map() : byKey(await store.remove(keys, signal)))
  }
  let known: Map<string, ObjectVersion[]> | undefined
  return async (keys) => {
    known ??= await versionsIn(store, folders, signal)
    const versions = keys.flatMap((key) => known?.get(key) ?? [])
    const removals = versions.length === 0 ? [] : await store.removeVersions(versions, signal)
    // A key of which nothing is left is removed.
    const gone = keys.map((key): Removal => ({ key, outcome: 'removed' }))
    return byKey([...gone, ...removals])
  }
}

async function versionsIn(
  store: PrunableStore,
  folders: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, ObjectVersion[]>> {
  const found = new Map<string, ObjectVersion[]>()
  await sideBySide(folders, AT_A_TIME, async (folder) => {
    signal.throwIfAborted()
    for await (const version of store.versions(folder)) {
      const known = found.get(version.key)
      if (known) known.push(version)
      else found.set(version.key, [version])
    }
  })
  return found
}

const BADNESS: Readonly<Record<Removal['outcome'], number>> = { removed: 0, locked: 1, failed: 2 }

/** Of several versions of one key the worst counts. */
function byKey(removals: readonly Removal[]): ReadonlyMap<string, KeyOutcome> {
  const outcomes = new Map<string, KeyOutcome>()
  for (const { key, outcome, reason } of removals) {
    const known = outcomes.get(key)
    if (known && BADNESS[known.outcome] >= BADNESS[outcome]) continue
    outcomes.set(key, { outcome, ...(reason !== undefined && { reason }) })
  }
  return outcomes
}
