import { auditTrail, parseAuditKey } from '../catalog/audit.ts'
import type { PrunableStore, Removal } from '../storage/prunable-store.ts'

const DAY_MS = 86_400_000

export interface PrunedTrail {
  /** Records that were removed; in a dry run: that would be. */
  readonly removed: number
  /** Records that are still there, and why. Locked ones are not among them. */
  readonly failed: readonly Removal[]
}

/**
 * Removes records of the audit trail that are older than so many days, and nothing that is no such record by its name,
 * whatever stands beside it.
 */
export async function pruneTrail(
  prefix: string,
  days: number,
  {
    store,
    now,
    dryRun,
    signal,
  }: {
    readonly store: PrunableStore
    readonly now: Date
    readonly dryRun: boolean
    readonly signal: AbortSignal
  },
): Promise<PrunedTrail> {
  const old: string[] = []
  for await (const { key } of store.list(auditTrail(prefix))) {
    signal.throwIfAborted()
    const entry = parseAuditKey(prefix, key)
    if (entry && now.getTime() - entry.time.getTime() > days * DAY_MS) old.push(key)
  }
  if (dryRun || old.length === 0) return { removed: old.length, failed: [] }
  const removals = await store.remove(old, signal)
  return {
    removed: removals.filter(({ outcome }) => outcome === 'removed').length,
    failed: removals.filter(({ outcome }) => outcome === 'failed'),
  }
}
