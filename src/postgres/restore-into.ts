import type { Log } from '../catalog/ports.ts'
import type { RestoreFailure } from '../catalog/restorer.ts'
import { describeEntry, shortMessage, type Complaint } from './complaints.ts'
import type { PgRestore } from './restore-program.ts'
import { restoreAgain } from './restore-again.ts'
import { isGrant, phasesOf, type Phase } from './restore-steps.ts'
import { restoreEntries, type EntriesRestored } from './run-pg-restore.ts'
import type { Session } from './session.ts'
import type { TocEntry } from './table-of-contents.ts'

export interface RestoredInto {
  readonly failures: readonly RestoreFailure[]
  /** Keys whose rows break them. */
  readonly notValid: readonly string[]
  /** What belongs to the connecting role now, because its owner is not there or not to be acted for. */
  readonly ownersLost: readonly string[]
  readonly grantsLost: readonly string[]
}

/**
 * Restores entries in the phases of `restore-steps.ts`, each committed before the next. Nothing rolls back what is there:
 * what fails is told. A foreign key that its rows break is added NOT VALID, so that it holds for every new row.
 */
export async function restoreInto(
  session: Session,
  entries: readonly TocEntry[],
  { archive, program, jobs, log }: { archive: string; program: PgRestore; jobs: number; log: Log },
): Promise<RestoredInto> {
  const phases = phasesOf(entries)
  const restore = (some: readonly TocEntry[], atOnce: number): Promise<EntriesRestored> =>
    restoreEntries({ path: archive }, some, program, { jobs: atOnce })
  const failures: RestoreFailure[] = []
  const notValid: string[] = []
  const ownersLost: string[] = []
  const grantsLost: string[] = []
  for (const { phase, what, parallel } of PHASES) {
    const some = entries.filter(({ id }) => phases.get(id) === phase)
    if (some.length === 0) continue
    log.info(`Restoring ${what}: ${some.length} entries.`)
    const first = await restore(some, parallel ? jobs : 1)
    const again = {
      rows: (lost: readonly TocEntry[]) => restore(lost, 1),
      keys: (lost: readonly TocEntry[]) => restore(lost, jobs),
    }
    const { complaints } = phase === 'main' ? await restoreAgain(first, some, again, log) : first
    for (const complaint of complaints) {
      const entry = describeEntry(complaint.entry)
      if (isAboutOwner(complaint)) ownersLost.push(entry)
      else if (isAboutGrant(complaint)) grantsLost.push(`${entry}: ${shortMessage(complaint.message)}`)
      else if (await addedNotValid(session, complaint)) notValid.push(entry)
      else failures.push({ what: entry, reason: shortMessage(complaint.message) })
    }
  }
  return { failures, notValid, ownersLost: [...new Set(ownersLost)], grantsLost: [...new Set(grantsLost)] }
}

const PHASES: readonly { readonly phase: Phase; readonly what: string; readonly parallel: boolean }[] = [
  { phase: 'main', what: 'tables, rows and indexes', parallel: true },
  { phase: 'guards', what: 'foreign keys, triggers, rules and policies', parallel: true },
  { phase: 'acl', what: 'grants', parallel: false },
  { phase: 'views', what: 'the rows of materialized views', parallel: false },
  { phase: 'event-triggers', what: 'event triggers', parallel: false },
]

/** The server's own words may be in any language; the command is ours. */
function isAboutOwner({ command }: Complaint): boolean {
  return /^ALTER .* OWNER TO .*;$/s.test(command) && !/;\s*\n/.test(command)
}

function isAboutGrant({ entry, command }: Complaint): boolean {
  return (
    entry !== undefined &&
    isGrant(entry.kind) &&
    /^\s*(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION)/i.test(command)
  )
}

/** True where the key could be added without looking at the rows that are there: so they are what breaks it. */
async function addedNotValid(session: Session, { entry }: Complaint): Promise<boolean> {
  if (entry?.kind !== 'FK CONSTRAINT') return false
  const statement = entry.definition.trim().replace(/;$/, '')
  if (
    !/^ALTER TABLE [^;]* ADD CONSTRAINT [^;]* FOREIGN KEY [^;]*$/s.test(statement) ||
    / NOT VALID$/.test(statement)
  )
    return false
  try {
    await session.query(`${statement} NOT VALID`)
    return true
  } catch {
    // It fails for another reason, which pg_restore has told.
    return false
  }
}
