import type { Breach } from '../catalog/breach.ts'

/**
 * One name that two clusters take turns to feed is two databases: half of its backups are somebody else's. A single
 * change is a move. `systems` are the identifiers of its backups, in the order of time; null where it is not known.
 */
export function judgeSystems(name: string, systems: readonly (string | null)[]): Breach[] {
  const known = systems.filter((system) => system !== null)
  const turns = known.filter((system, index) => system !== known[index - 1])
  const distinct = [...new Set(turns)]
  return turns.length > distinct.length ? [{ kind: 'alternating', name, systems: distinct }] : []
}
