import type { Remark, WatchedBackup } from '../catalog/watched.ts'
import { median, outliers } from './robust.ts'

const MOST_NAMED = 5
/** Below that, a database grows and shrinks by ordinary work. */
const LEAST_BYTES = 256 * 1024
/** Shorter ones vary by themselves. */
const LEAST_SECONDS = 10

/**
 * Outliers among what backups hold, uncompressed, and how long they took; those come in the order of `backups`. Backups
 * whose manifest was not read are not among them.
 */
export function unusualBackups(backups: readonly WatchedBackup[]): Remark[] {
  const find = (
    what: Remark['what'],
    least: number,
    of: (backup: WatchedBackup) => number | undefined,
  ): Remark[] => {
    const known = backups.flatMap((backup) => {
      const value = of(backup)
      return value === undefined ? [] : [{ id: backup.id, value }]
    })
    const values = known.map(({ value }) => value)
    const usual = median(values)
    const strange = new Set(outliers(values, { least }))
    return known
      .filter((_, index) => strange.has(index))
      .slice(0, MOST_NAMED)
      .map(({ id, value }) => ({ what, id, factor: value / usual }))
  }
  return [
    ...find('size', 0.25, ({ plainBytes }) => atLeast(plainBytes, LEAST_BYTES)),
    // Runners differ by as much from one day to the next.
    ...find('duration', 1, ({ seconds }) => atLeast(seconds, LEAST_SECONDS)),
  ]
}

function atLeast(value: number | undefined, least: number): number | undefined {
  return value === undefined ? undefined : Math.max(value, least)
}
