import type { Log } from '../catalog/ports.ts'
import type { EntriesRestored } from './run-pg-restore.ts'
import type { TocEntry } from './table-of-contents.ts'

/**
 * Restores again what failed in `first` because something that it looks at had not come yet: a CHECK that asks another
 * table, a key between tables of an extension, an index over a function. Rows first, one table after the other in the
 * archive's order, as long as a round brings any; then what indexes them. Gives what is wrong in the end. Nothing that
 * acts upon rows that come (triggers, keys to other tables) may be there yet.
 */
export async function restoreAgain(
  first: EntriesRestored,
  entries: readonly TocEntry[],
  again: {
    /** With one job. */
    readonly rows: (lost: readonly TocEntry[]) => Promise<EntriesRestored>
    readonly keys: (lost: readonly TocEntry[]) => Promise<EntriesRestored>
  },
  log: Log,
): Promise<EntriesRestored> {
  let result = first
  const round = async (lost: readonly TocEntry[], what: 'rows' | 'keys'): Promise<boolean> => {
    log.info(`Restoring ${what} again, after everything that they may look at: ${lost.length} entries.`)
    const next = await again[what](lost)
    result = replaced(result, lost, next)
    return lost.some(({ id }) => !next.failed.has(id))
  }
  for (;;) {
    const lost = failedOf(entries, result, ({ kind, copies }) => kind === 'TABLE DATA' && copies === true)
    if (lost.length === 0 || !(await round(lost, 'rows'))) break
  }
  const keys = failedOf(entries, result, ({ kind }) => INDEXING.has(kind))
  const withComments = failedOf(
    entries,
    result,
    (entry) => keys.includes(entry) || (entry.kind === 'COMMENT' && needsOne(entry, keys)),
  )
  if (keys.length > 0) await round(withComments, 'keys')
  return result
}

const INDEXING = new Set(['CONSTRAINT', 'INDEX', 'INDEX ATTACH'])

function failedOf(
  entries: readonly TocEntry[],
  { failed }: EntriesRestored,
  isMeant: (entry: TocEntry) => boolean,
): TocEntry[] {
  return entries.filter((entry) => failed.has(entry.id) && isMeant(entry))
}

function needsOne({ needs }: TocEntry, others: readonly TocEntry[]): boolean {
  return others.some(({ id }) => needs.includes(id))
}

/** What was said of `lost` before is void: they were restored anew. */
function replaced(
  before: EntriesRestored,
  lost: readonly TocEntry[],
  next: EntriesRestored,
): EntriesRestored {
  const ids = new Set(lost.map(({ id }) => id))
  return {
    complaints: [
      ...before.complaints.filter(({ entry }) => entry === undefined || !ids.has(entry.id)),
      ...next.complaints,
    ],
    failed: new Set([...[...before.failed].filter((id) => !ids.has(id)), ...next.failed]),
  }
}
