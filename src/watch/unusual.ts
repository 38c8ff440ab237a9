import type { WatchedBackup } from '../catalog/watched.ts'
import { median, outliers } from './robust.ts'

/** One backup whose size or duration is unlike all others'. */
export interface Unusual {
  readonly id: string
  readonly what: 'size' | 'duration'
  /** How many times as much as usual. */
  readonly factor: number
}

const MOST_NAMED = 5

/** Outliers among stored sizes and durations, newest first: worth a look, and no breach. */
export function unusualBackups(backups: readonly WatchedBackup[]): Unusual[] {
  const find = (
    what: Unusual['what'],
    least: number,
    of: (backup: WatchedBackup) => number | undefined,
  ): Unusual[] => {
    const known = backups.filter((backup) => of(backup) !== undefined)
    const values = known.map((backup) => of(backup) ?? 0)
    const usual = median(values)
    return outliers(values, { least })
      .slice(0, MOST_NAMED)
      .flatMap((index) => {
        const [id, value] = [known[index]?.id, values[index]]
        return id === undefined || value === undefined ? [] : [{ id, what, factor: value / usual }]
      })
  }
  return [
    ...find('size', 0.25, ({ bytes }) => bytes),
    // Runners differ by as much from one day to the next; and short ones vary by themselves.
    ...find('duration', 1, ({ seconds }) => (seconds === undefined ? undefined : Math.max(seconds, 10))),
  ]
}
