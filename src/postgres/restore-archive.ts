import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { planRestore, type TocEntry, type TocPlan } from './archive-toc.ts'
import type { Contents } from './contents.ts'
import { inDatabase } from './connection.ts'
import {
  entriesSql,
  isAboutMachine,
  isAboutRights,
  listArchive,
  restoreEntries,
  type ArchiveInput,
  type RestoreComplaint,
  type RestoreProgram,
} from './restore-program.ts'
import { createExtensions, openExtensions, type RestoreTarget } from './restore-target.ts'
import { openSession } from './session.ts'

export interface RestoreJob {
  readonly target: RestoreTarget
  /** The archive, or where it is streamed its beginning with the whole table of contents. */
  readonly tocPath: string
  /** Absent: the whole archive is at `tocPath`. */
  readonly stream?: () => AsyncIterable<Uint8Array>
  readonly extensions: Contents['extensions']
  readonly program: RestoreProgram
  readonly jobs: number
  readonly log: Log
}

export interface Restored {
  readonly entries: readonly TocEntry[]
  readonly plan: TocPlan
  /** Grants that only a superuser could have made again. */
  readonly grantsRefused: readonly RestoreComplaint[]
}

/**
 * Restores an archive into an empty database as a role that is no superuser: schemas, then extensions (as the superuser,
 * which is all that it does), then everything else, then grants. Materialized views stay unpopulated. Throws `damaged`
 * at the first error that is the archive's own fault, `privilege` and `platform` where it is ours or the machine's.
 */
export async function restoreArchive(job: RestoreJob): Promise<Restored> {
  const { target, tocPath, program, jobs, log } = job
  const entries = await listArchive(tocPath, program)
  const plan = planRestore(entries, { acl: target.owners })
  const { steps } = plan
  const options = { database: target.owner.database, owners: target.owners, stopAtFirst: true }
  const toc: ArchiveInput = { path: tocPath }
  refuse(await restoreEntries(toc, steps.schemas, program, { ...options, jobs: 1 }))
  await makeExtensions(job, plan)
  log.info(`Restoring ${steps.main.length} entries of the archive with ${jobs} jobs.`)
  if (job.stream === undefined) {
    refuse(await restoreEntries(toc, steps.main, program, { ...options, jobs }))
  } else {
    refuse(await restoreEntries(toc, steps.main, program, { ...options, jobs: 1, section: 'pre-data' }))
    const bytes = job.stream()
    refuse(await restoreEntries({ bytes }, steps.main, program, { ...options, jobs: 1, section: 'data' }))
    refuse(await restoreEntries(toc, steps.main, program, { ...options, jobs, section: 'post-data' }))
  }
  const grants = await restoreEntries(toc, steps.acl, program, { ...options, jobs: 1, stopAtFirst: false })
  refuse(grants.filter((complaint) => !isAboutRights(complaint)))
  return { entries, plan, grantsRefused: grants }
}

async function makeExtensions(
  { target, tocPath, extensions, program }: RestoreJob,
  plan: TocPlan,
): Promise<void> {
  await using session = await openSession(inDatabase(target.superuser, target.owner.database), program.signal)
  if (plan.steps.extensions.length > 0) {
    const sql = await entriesSql(tocPath, plan.steps.extensions, program)
    try {
      await createExtensions(session, sql, extensions)
    } catch (cause) {
      throw new LifeboatError('platform', `An extension of the backup cannot be created: ${String(cause)}`, {
        hint: 'Give a service container that has it (and has it preloaded, where it needs that) as target-database-url.',
        cause,
      })
    }
  }
  await openExtensions(session, target.owner.user)
}

function refuse(complaints: readonly RestoreComplaint[]): void {
  const [first] = complaints
  if (first === undefined) return
  const text = complaints
    .slice(0, 10)
    .map(({ message, entry }) => (entry === '' ? message : `${message} (${entry})`))
    .join('; ')
  const machine = complaints.find(isAboutMachine)
  if (machine) {
    throw new LifeboatError('platform', `The restore was stopped by the machine or the server: ${text}`, {
      hint: 'Give it more disk or memory, or look at the server. This says nothing about the backup.',
    })
  }
  if (complaints.every(isAboutRights)) {
    throw new LifeboatError(
      'privilege',
      `Something in the backup can be restored by a superuser only: ${text}`,
      {
        hint: 'Dumps run as an ordinary role here, because they are somebody’s code. This says nothing about the backup.',
      },
    )
  }
  throw new LifeboatError('damaged', `pg_restore failed: ${text}`, {
    hint: 'The dump does not restore: use another backup, and see what the source has that a dump cannot carry.',
  })
}
