import type { Log } from '../catalog/ports.ts'
import type { RestoreFailure } from '../catalog/restorer.ts'
import { describeEntry, shortMessage, type Complaint } from './complaints.ts'
import type { PgRestore } from './restore-program.ts'
import { restoreEntries } from './run-pg-restore.ts'
import { sectionsOf } from './restore-steps.ts'
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
 * Restores entries in three steps, each committed before the next: what makes the tables, then the rows, then keys,
 * indexes and triggers. Nothing rolls back what is there: what fails is told. A foreign key that its rows break is added
 * NOT VALID, so that it holds for every new row.
 */
export async function restoreInto(
  session: Session,
  entries: readonly TocEntry[],
  { archive, program, jobs, log }: { archive: string; program: PgRestore; jobs: number; log: Log },
): Promise<RestoredInto> {
  const failures: RestoreFailure[] = []
  const notValid: string[] = []
  const ownersLost: string[] = []
  const grantsLost: string[] = []
  for (const step of stepsOf(entries)) {
    log.info(`Restoring ${step.what}: ${step.entries.length} entries.`)
    const options = { jobs: step.parallel ? jobs : 1 }
    for (const complaint of await restoreEntries({ path: archive }, step.entries, program, options)) {
      const what = describeEntry(complaint.entry)
      if (isAboutOwner(complaint)) ownersLost.push(what)
      else if (isAboutGrant(complaint)) grantsLost.push(`${what}: ${shortMessage(complaint.message)}`)
      else if (await addedNotValid(session, complaint)) notValid.push(what)
      else failures.push({ what, reason: shortMessage(complaint.message) })
    }
  }
  return { failures, notValid, ownersLost: [...new Set(ownersLost)], grantsLost: [...new Set(grantsLost)] }
}

interface Step {
  readonly what: string
  readonly entries: readonly TocEntry[]
  readonly parallel: boolean
}

/** Grants come last: what a dump grants may be less than what restoring takes. */
function stepsOf(entries: readonly TocEntry[]): Step[] {
  const sections = sectionsOf(entries)
  const rest = entries.filter((entry) => !isGrant(entry))
  const of = (section: TocEntry['section']): TocEntry[] =>
    rest.filter(({ id }) => sections.get(id) === section)
  return [
    { what: 'what makes the tables', entries: of('pre-data'), parallel: false },
    { what: 'the rows', entries: of('data'), parallel: true },
    { what: 'keys, indexes and triggers', entries: of('post-data'), parallel: true },
    { what: 'grants', entries: entries.filter(isGrant), parallel: false },
  ]
}

function isGrant({ kind }: TocEntry): boolean {
  return kind === 'ACL' || kind === 'DEFAULT ACL'
}

/** The server's own words may be in any language; the command is ours. */
function isAboutOwner({ command }: Complaint): boolean {
  return /^ALTER .* OWNER TO .*;$/s.test(command) && !/;\s*\n/.test(command)
}

function isAboutGrant({ entry, command }: Complaint): boolean {
  return (
    entry !== undefined &&
    isGrant(entry) &&
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
