import type { Log } from '../catalog/ports.ts'
import type { Complaint } from './complaints.ts'
import { judgeComplaints, type Unrestored } from './judge-complaints.ts'
import type { ArchiveInput, PgRestore } from './restore-program.ts'
import { restoreAgain } from './restore-again.ts'
import { restoreEntries, type EntriesRestored } from './run-pg-restore.ts'
import { sectionsOf, type RestoreSteps } from './restore-steps.ts'
import type { RestoreTarget } from './restore-target.ts'
import type { TocEntry } from './table-of-contents.ts'

export interface RestoreJob {
  readonly target: RestoreTarget
  /** The archive, or where it is streamed its beginning with the whole table of contents. */
  readonly tocPath: string
  readonly entries: readonly TocEntry[]
  readonly plan: RestoreSteps
  /** Absent: the whole archive is at `tocPath`. */
  readonly stream?: () => AsyncIterable<Uint8Array>
  /** Called with the id of each entry whose rows are not read again. */
  readonly onRestored: (id: number) => void
  readonly program: PgRestore
  readonly jobs: number
  readonly log: Log
}

export interface Restored extends Unrestored {
  readonly entries: readonly TocEntry[]
  readonly plan: RestoreSteps
  /** Grants that only a superuser could have made again. */
  readonly grantsRefused: readonly Complaint[]
}

/**
 * Restores an archive into a database where its extensions are, and nothing else, as a role that is no superuser, in the
 * phases of `restore-steps.ts`. Materialized views stay unpopulated. It goes on past errors; throws `damaged` where one is the archive's own fault, `platform` where it is the machine's.
 */
export async function restoreArchive(job: RestoreJob): Promise<Restored> {
  const { target, tocPath, entries, plan, program, jobs, log } = job
  const { steps } = plan
  const missing = new Set(plan.leftOut.map(({ entry }) => entry.id))
  const judged = (complaints: readonly Complaint[]): Unrestored =>
    judgeComplaints(complaints, entries, missing)
  const options = { owners: target.owners, tablespaces: false }
  const toc: ArchiveInput = { path: tocPath }
  log.info(`Restoring ${steps.main.length + steps.guards.length} entries of the archive with ${jobs} jobs.`)
  const ofMain = await restoreAgain(
    await restoreMain(job, steps.main),
    steps.main,
    {
      rows: (lost) => restoreEntries(job.stream ? { bytes: job.stream() } : toc, lost, program, options),
      keys: (lost) => restoreEntries(toc, lost, program, { ...options, jobs }),
    },
    log,
  )
  const ofGuards = await restoreEntries(toc, steps.guards, program, { ...options, jobs })
  const { refused, consequences } = judged([...ofMain.complaints, ...ofGuards.complaints])
  for (const { entry } of [...refused, ...consequences]) if (entry) missing.add(entry.id)
  const grants = judged((await restoreEntries(toc, steps.acl, program, options)).complaints)
  return {
    entries,
    plan,
    refused,
    consequences: [...consequences, ...grants.consequences],
    grantsRefused: grants.refused,
  }
}

async function restoreMain(
  { target, tocPath, entries, stream, onRestored, program, jobs }: RestoreJob,
  main: readonly TocEntry[],
): Promise<EntriesRestored> {
  const options = { owners: target.owners, tablespaces: false }
  const toc: ArchiveInput = { path: tocPath }
  // In one go: rows that are copied into a table of the same run need not be logged.
  if (!stream) return await restoreEntries(toc, main, program, { ...options, jobs, onRestored })
  const sections = sectionsOf(entries)
  const of = (section: TocEntry['section']): TocEntry[] =>
    main.filter(({ id }) => sections.get(id) === section)
  const results = [
    await restoreEntries(toc, of('pre-data'), program, options),
    await restoreEntries({ bytes: stream() }, of('data'), program, options),
    await restoreEntries(toc, of('post-data'), program, { ...options, jobs }),
  ]
  return {
    complaints: results.flatMap(({ complaints }) => complaints),
    failed: new Set(results.flatMap(({ failed }) => [...failed])),
  }
}
