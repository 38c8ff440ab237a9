import type { RungReport } from '../catalog/verification.ts'
import type { TocEntry } from './archive-toc.ts'
import { isAboutMachine, isAboutRights, restoreEntries, type RestoreProgram } from './restore-program.ts'
import type { RestoreTarget } from './restore-target.ts'

/** Populates the materialized views that the source had populated; `tocPath` holds the archive's table of contents. */
export async function refreshViews({
  views,
  tocPath,
  program,
  target,
}: {
  readonly views: readonly TocEntry[]
  readonly tocPath: string
  readonly program: RestoreProgram
  readonly target: RestoreTarget
}): Promise<RungReport> {
  if (views.length === 0) return { outcome: 'skipped', summary: 'No materialized view was populated.' }
  const complaints = await restoreEntries({ path: tocPath }, views, program, {
    database: target.owner.database,
    owners: target.owners,
    jobs: 1,
    stopAtFirst: false,
  })
  const foreign = complaints.filter((each) => isAboutRights(each) || isAboutMachine(each))
  const failed = complaints.length - foreign.length
  return {
    outcome: failed > 0 ? 'failed' : foreign.length > 0 ? 'not-measured' : 'passed',
    summary: `${views.length - complaints.length} of ${views.length} materialized views were refreshed.`,
    findings: complaints.map(({ message, entry }) => ({
      what: `view ${entry}`,
      expected: 'refreshed',
      found: message,
    })),
  }
}
