import { catalog, type ListedBackup, type NamedBackups } from '../../src/catalog/listing.ts'
import { backupId } from '../../src/catalog/names.ts'
import type { MeasuredRestore, WatchedBackup } from '../../src/catalog/watched.ts'
import { listing, type BackupSketch } from './catalog-listing.ts'

const HOUR = 3_600_000
/** The moment at which tests of pure judgements look. */
export const NOW = new Date('2026-11-24T08:00:00Z')

/** So many hours before `NOW`. */
export function before(hours: number): Date {
  return new Date(NOW.getTime() - hours * HOUR)
}

type Sketch = Omit<BackupSketch, 'time'> & { readonly hours: number }

/** What one name has in a store, as a listing shows it. */
export function named(sketches: readonly Sketch[]): NamedBackups {
  const all = sketches.map(({ hours, ...sketch }) => ({ time: before(hours), ...sketch }))
  return catalog(listing('db/', all), 'db/').names[0] ?? { name: 'app', backups: [], attempts: [], newer: [] }
}

/** Committed backups of so many hours ago, newest first. */
export function backupsOf(...hours: readonly number[]): readonly ListedBackup[] {
  return named(hours.map((each) => ({ hours: each }))).backups
}

/** Nightly backups, newest first, as far as they are looked at. */
export function watched(nights: readonly Partial<WatchedBackup>[]): WatchedBackup[] {
  return nights.map((night, index) => {
    const time = before(3 + 24 * index)
    return { id: backupId(time, '0'.repeat(6)), time, bytes: 0, verification: undefined, ...night }
  })
}

/** Weekly restores that took so many seconds, newest first. */
export function restoresOf(...seconds: readonly number[]): MeasuredRestore[] {
  return seconds.map((each, index) => {
    const time = before(1 + 168 * index)
    return { id: backupId(time, '0'.repeat(6)), time, verdict: 'ok', seconds: each }
  })
}
