import type { Catalog } from '../catalog/listing.ts'
import type { BackupId } from '../catalog/names.ts'
import { backupFolder } from '../catalog/names.ts'
import type { BucketRule } from './lifecycle-store.ts'

const DAY_MS = 86_400_000

/** A rule that will take what must not go. */
export interface Threat {
  readonly name: string
  readonly id: BackupId
  /** It was verified; else it is only the newest, because none was. */
  readonly verified: boolean
  readonly rule: BucketRule
  /** The earliest moment at which the store removes it. */
  readonly at: Date
}

/** So long before it happens it is a failure. */
export const ALARM_MS = 7 * DAY_MS

/**
 * When a rule takes the newest verified backup of each name (the newest of all, where none was verified), unless newer
 * ones come: a store's expiry knows nothing of proofs, and goes on when backups have stopped.
 */
export function findThreats(rules: readonly BucketRule[], catalog: Catalog): Threat[] {
  return catalog.names.flatMap(({ name, backups }) => {
    const proof = backups.find(({ verification }) => verification === 'ok')
    const last = proof ?? backups[0]
    if (!last) return []
    const folder = backupFolder(catalog.prefix, name, last.id)
    const [first] = rules
      .flatMap((rule) => optional(rule, expiry(rule, folder, last.time)))
      .sort((a, b) => a.at.getTime() - b.at.getTime())
    return first ? [{ name, id: last.id, verified: proof !== undefined, ...first }] : []
  })
}

/** Rules that remove what is under `prefix` sooner than in `days`. */
export function tooEager(rules: readonly BucketRule[], prefix: string, days: number): BucketRule[] {
  return rules.filter(
    ({ enabled, prefix: of, expireDays }) =>
      enabled &&
      expireDays !== undefined &&
      expireDays < days &&
      (of.startsWith(prefix) || prefix.startsWith(of)),
  )
}

/** Objects are as old as the snapshot or younger, so this is never too late. */
function expiry(rule: BucketRule, folder: string, time: Date): Date | undefined {
  // A rule may also name single files of the folder.
  if (!rule.enabled || !(folder.startsWith(rule.prefix) || rule.prefix.startsWith(folder))) return undefined
  if (rule.expireDays !== undefined) return new Date(time.getTime() + rule.expireDays * DAY_MS)
  return rule.expireDate
}

function optional(rule: BucketRule, at: Date | undefined): { rule: BucketRule; at: Date }[] {
  return at === undefined ? [] : [{ rule, at }]
}
