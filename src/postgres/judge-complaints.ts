import { LifeboatError } from '../errors.ts'
import {
  describeEntry,
  isAboutAbsence,
  isAboutMachine,
  isAboutRights,
  shortMessage,
  type Complaint,
} from './complaints.ts'
import type { TocEntry } from './table-of-contents.ts'

/** What of an archive could not be restored though nothing is wrong with it: nobody knows what it would have become. */
export interface Unrestored {
  /** What a role without superuser rights may not make. */
  readonly refused: readonly Complaint[]
  /** What needs something that was refused or left out. */
  readonly consequences: readonly Complaint[]
}

/**
 * Tells what an archive is to blame for. `missing` are the ids of entries that are not there on purpose. Throws
 * `platform` where the machine is to blame, `damaged` where the archive is, with all that it complained of.
 */
export function judgeComplaints(
  complaints: readonly Complaint[],
  entries: readonly TocEntry[],
  missing: ReadonlySet<number>,
): Unrestored {
  const machine = complaints.find(isAboutMachine)
  if (machine) {
    throw new LifeboatError(
      'platform',
      `The restore was stopped by the machine or the server: ${told([machine])}`,
      {
        hint: 'Give it more disk or memory, or look at the server; a throwaway server in /dev/shm works on the disk with limits: memory=0B. This says nothing about the backup.',
      },
    )
  }
  const aboutRights = complaints.filter(isAboutRights)
  const refused = oncePerEntry(aboutRights)
  const absent = new Set([...missing, ...refused.flatMap(({ entry }) => entry?.id ?? [])])
  const needsAbsent = dependents(entries, absent)
  const others = complaints.filter((complaint) => !aboutRights.includes(complaint))
  // An entry that failed complains of its owner and its comment too.
  const known = others.filter(
    ({ entry }) => entry !== undefined && (absent.has(entry.id) || needsAbsent(entry)),
  )
  // A function's body names what it needs where the table of contents does not.
  const isHalf = refused.length > 0 || known.length > 0
  const excused = others.filter((each) => known.includes(each) || (isHalf && isAboutAbsence(each)))
  const faults = others.filter((complaint) => !excused.includes(complaint))
  if (faults.length > 0) {
    throw new LifeboatError('damaged', `pg_restore failed: ${told(faults)}`, {
      hint: 'The dump does not restore: use another backup, and see what the source has that a dump cannot carry.',
    })
  }
  return {
    refused,
    consequences: oncePerEntry(excused).filter(({ entry }) => entry === undefined || !absent.has(entry.id)),
  }
}

function oncePerEntry(complaints: readonly Complaint[]): Complaint[] {
  const seen = new Set<number>()
  return complaints.filter(({ entry }) => {
    if (entry === undefined) return true
    const isNew = !seen.has(entry.id)
    seen.add(entry.id)
    return isNew
  })
}

/** Whether an entry needs one of `absent`, by however many steps. */
function dependents(entries: readonly TocEntry[], absent: ReadonlySet<number>): (entry: TocEntry) => boolean {
  const users = new Map<number, TocEntry[]>()
  for (const entry of entries) {
    for (const need of entry.needs) users.set(need, [...(users.get(need) ?? []), entry])
  }
  const found = new Set<number>()
  const queue = [...absent]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const user of users.get(id) ?? []) {
      if (found.has(user.id)) continue
      found.add(user.id)
      queue.push(user.id)
    }
  }
  return ({ id }) => found.has(id)
}

const SHOWN = 10

function told(complaints: readonly Complaint[]): string {
  const more = complaints.length > SHOWN ? `; and ${complaints.length - SHOWN} more` : ''
  const first = complaints
    .slice(0, SHOWN)
    .map(({ entry, message }) => `${shortMessage(message)}${entry ? ` (${describeEntry(entry)})` : ''}`)
  return `${first.join('; ')}${more}`
}
