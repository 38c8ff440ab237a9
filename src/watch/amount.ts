import type { Breach } from '../catalog/breach.ts'
import type { WatchedBackup } from '../catalog/watched.ts'
import { median } from './robust.ts'

/** So many backups before the newest say what is usual; a change that lasts is usual after half of them. */
const BEFORE = 7
const SHRUNK = 0.5
const GROWN = 10
/** Below that, databases grow and shrink by ordinary work. */
const LEAST_ROWS = 100
const LEAST_BYTES = 256 * 1024

/**
 * A database that was emptied dumps as quietly as a full one; one that grew tenfold over night was copied, or something
 * runs wild. Compared is what was captured, not what it was compressed to. `backups` come newest first.
 */
export function judgeAmount(name: string, [newest, ...before]: readonly WatchedBackup[]): Breach[] {
  if (!newest) return []
  const judge = (
    what: 'rows' | 'documents' | 'bytes',
    least: number,
    of: (backup: WatchedBackup) => number | undefined,
  ): Breach[] => {
    const now = of(newest)
    const earlier = before.flatMap((backup) => of(backup) ?? []).slice(0, BEFORE)
    const usual = median(earlier)
    if (now === undefined || !(usual >= least)) return []
    const found = { name, id: newest.id, what, now, usual }
    if (now < usual * SHRUNK) return [{ kind: 'shrunk', ...found }]
    return now >= usual * GROWN ? [{ kind: 'grown', ...found }] : []
  }
  const counted = [
    ...judge('rows', LEAST_ROWS, (backup) => backup.rows),
    ...judge('documents', LEAST_ROWS, (backup) => backup.documents),
  ]
  return counted.length > 0 ? counted : judge('bytes', LEAST_BYTES, (backup) => backup.plainBytes)
}
