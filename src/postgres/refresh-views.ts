import type { RungReport } from '../catalog/verification.ts'
import { describeEntry, shortMessage } from './complaints.ts'
import type { PgRestore } from './restore-program.ts'
import { restoreEntries } from './run-pg-restore.ts'
import type { TocEntry } from './table-of-contents.ts'

/**
 * Populates the materialized views that the source had populated; `tocPath` holds the archive's table of contents. Where
 * something could not be restored (`isPartial`) a view that misses something says nothing.
 */
export async function refreshViews({
  views,
  tocPath,
  program,
  owners,
  isPartial,
}: {
  readonly views: readonly TocEntry[]
  readonly tocPath: string
  readonly program: PgRestore
  readonly owners: boolean
  readonly isPartial: boolean
}): Promise<RungReport> {
  if (views.length === 0) return { outcome: 'skipped', summary: 'No materialized view was populated.' }
  const options = { owners, tablespaces: false }
  const { complaints } = await restoreEntries({ path: tocPath }, views, program, options)
  const foreign = complaints.filter(
    ({ kind }) => ['rights', 'machine', 'place'].includes(kind) || (isPartial && kind === 'absent'),
  )
  const failed = complaints.length - foreign.length
  return {
    outcome: failed > 0 ? 'failed' : foreign.length > 0 ? 'not-measured' : 'passed',
    summary: `${views.length - complaints.length} of ${views.length} materialized views were refreshed.`,
    findings: complaints.map(({ message, entry }) => ({
      what: `view ${describeEntry(entry)}`,
      expected: 'refreshed',
      found: shortMessage(message),
    })),
  }
}
