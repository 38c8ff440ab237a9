import { LifeboatError } from '../errors.ts'
import { missingLocale } from './complaint-kind.ts'
import { describeEntry, shortMessage, type Complaint } from './complaints.ts'
import { mending } from './mending.ts'
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
 * `platform` where the
 * machine is to blame or lacks something, `unrestorable` where the database is, with all that it complained of and what mends it.
 */
export function judgeComplaints(
  complaints: readonly Complaint[],
  entries: readonly TocEntry[],
  missing: ReadonlySet<number>,
): Unrestored {
  const machine = complaints.find(({ kind }) => kind === 'machine')
  if (machine) {
    throw new LifeboatError(
      'platform',
      `The restore was stopped by the machine or the server: ${told([machine])}`,
      {
        hint: 'Give it more disk or memory, or look at the server; a throwaway server in /dev/shm works on the disk with limits: memory=0B. This says nothing about the backup.',
      },
    )
  }
  const lacking = complaints.filter(({ kind }) => kind === 'place')
  if (lacking.length > 0) throw placeLacks(lacking)
  const aboutRights = complaints.filter(({ kind }) => kind === 'rights')
  const refused = oncePerEntry(aboutRights)
  const absent = new Set([...missing, ...refused.flatMap(({ entry }) => entry?.id ?? [])])
  const needsAbsent = dependents(entries, absent)
  const others = complaints.filter((complaint) => !aboutRights.includes(complaint))
  // An entry that failed complains of its owner and its comment too.
  const known = others.filter(
    ({ entry }) => entry !== undefined && (absent.has(entry.id) || needsAbsent(entry)),
  )
  // A function's body names what it needs where the table of contents does not.
  const gone = [...entries.filter((entry) => absent.has(entry.id) || needsAbsent(entry))]
  const excused = others.filter(
    (each) =>
      known.includes(each) ||
      (each.kind === 'absent' && (refused.length > 0 || known.length > 0) && namesOne(each, gone)),
  )
  const faults = others.filter((complaint) => !excused.includes(complaint))
  if (faults.length > 0) {
    throw new LifeboatError('unrestorable', `The database does not restore as it is: ${told(faults)}`, {
      hint: mending(faults, entries),
    })
  }
  return {
    refused,
    consequences: oncePerEntry(excused).filter(({ entry }) => entry === undefined || !absent.has(entry.id)),
  }
}

/** Whether the server misses one of `gone`, by its name. */
function namesOne({ message }: Complaint, gone: readonly TocEntry[]): boolean {
  const [headline = ''] = message.split('\n')
  return gone.some(({ name }) => {
    const bare = name.replace(/\(.*\)$/s, '')
    return bare !== '' && headline.includes(bare)
  })
}

function placeLacks(complaints: readonly Complaint[]): LifeboatError {
  const locales = complaints.flatMap(({ message }) => {
    const [headline = ''] = message.replace(/^ERROR: +/, '').split('\n')
    return missingLocale(headline) ?? []
  })
  return new LifeboatError('platform', `The server lacks what the backup needs: ${told(complaints)}`, {
    hint: lackingHint([...new Set(locales)]),
  })
}

function lackingHint(locales: readonly string[]): string {
  const other = 'a server that has it, with the libraries that the source preloads, as target-database-url'
  return locales.length === 0
    ? `Give ${other}. This says nothing about the backup.`
    : `Make the locales on the machine before this step (Debian, package locales: sudo locale-gen ${locales.join(' ')}), or give ${other}. This says nothing about the backup.`
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
