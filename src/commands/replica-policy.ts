import type { Catalog, ListedBackup } from '../catalog/listing.ts'
import { applyPolicy } from '../retention/plan.ts'
import type { RetentionPolicy } from '../retention/policy.ts'

/**
 * Which committed backups the prune of the replica would keep if all of them stood there: what it would not is not worth
 * copying, only to be removed again and copied by the next run.
 */
export function keptThere(
  here: Catalog,
  there: Catalog,
  { policy, now }: { readonly policy: RetentionPolicy; readonly now: Date },
): (backup: ListedBackup) => boolean {
  const kept = new Set<string>()
  for (const { name, backups } of here.names) {
    const ids = new Set(backups.map(({ id }) => id))
    const others = there.names.find((named) => named.name === name)?.backups ?? []
    const together = [...backups, ...others.filter(({ id }) => !ids.has(id))]
    const newestFirst = together.sort((a, b) => (a.id < b.id ? 1 : -1))
    for (const { backup, stays } of applyPolicy(newestFirst, policy, now).decisions) {
      if (stays) kept.add(`${backup.id} ${name}`)
    }
  }
  return ({ id, name }) => kept.has(`${id} ${name}`)
}
