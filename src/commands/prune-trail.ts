import { auditTrail, parseAuditKey, type AuditEntry } from '../catalog/audit.ts'
import type { PrunableStore, Removal } from '../storage/prunable-store.ts'

const DAY_MS = 86_400_000

export interface PrunedTrail {
  /** Records that were removed; in a dry run: that would be. */
  readonly removed: number
  /** Records that are still there, and why. Locked ones are not among them. */
  readonly failed: readonly Removal[]
}

/** Lists the trail alone: for a run that looks at one name, whose listing does not hold it. */
export async function readTrail(
  store: PrunableStore,
  prefix: string,
  signal: AbortSignal,
): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const { key } of store.list(auditTrail(prefix))) {
    signal.throwIfAborted()
    const entry = parseAuditKey(prefix, key)
    if (entry) entries.push(entry)
  }
  return entries
}

/** Removes those records that are older than so many days. */
export async function pruneTrail(
  trail: readonly AuditEntry[],
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
  const old = trail.filter(({ time }) => now.getTime() - time.getTime() > days * DAY_MS).map(({ key }) => key)
  if (dryRun || old.length === 0) return { removed: old.length, failed: [] }
  const removals = await store.remove(old, signal)
  return {
    removed: removals.filter(({ outcome }) => outcome === 'removed').length,
    failed: removals.filter(({ outcome }) => outcome === 'failed'),
  }
}
