import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run } from '../pipeline/process.ts'

/** A range of ids, both ends included. */
export interface IdRange {
  readonly first: number
  readonly last: number
}

/**
 * Where a number is looked for, the best first: above everything that directories (LDAP, Active Directory), containers
 * and subordinate ids are given by default, and below 2^31; else, where a container knows 65,536 ids only, between
 * people and the system's own.
 */
const WHERE: readonly IdRange[] = [
  { first: 2_000_200_001, last: 2_147_483_646 },
  { first: 20_000, last: 59_999 },
]
const TRIES = 64
const LIMIT_MS = 20_000

/**
 * A number that is nobody's: inside all of `known` (what this machine's kernel knows of users and groups) and not
 * `taken`. `random` gives an integer from 0 up to below its argument. Undefined where there is none.
 */
export function pickSpareId(
  known: readonly (readonly IdRange[])[],
  taken: (id: number) => boolean,
  random: (below: number) => number,
): number | undefined {
  const knows = (id: number): boolean =>
    known.every((ranges) => ranges.some(({ first, last }) => first <= id && id <= last))
  for (const { first, last } of WHERE) {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const id = first + random(last - first + 1)
      if (knows(id) && !taken(id)) return id
    }
  }
  return undefined
}

/**
 * A number for a user and a group that nothing else on this machine has: no entry of passwd or group (those of a
 * directory too), no range of subordinate ids, no process, no folder of ours in `folders`. Two that look at the same
 * time find different ones, because it is drawn from 147 million. Throws `platform` where the machine has none.
 */
export async function spareId(
  folders: readonly string[],
  random: (below: number) => number,
  signal: AbortSignal,
): Promise<number> {
  const [known, used, ranges] = await Promise.all([
    Promise.all(['/proc/self/uid_map', '/proc/self/gid_map'].map(async (map) => parseIdMap(await text(map)))),
    usedIds(folders),
    Promise.all(['/etc/subuid', '/etc/subgid'].map(async (file) => parseSubordinate(await text(file)))),
  ])
  const avoided = new Set(used)
  const taken = (id: number): boolean =>
    avoided.has(id) || ranges.flat().some(({ first, last }) => first <= id && id <= last)
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const id = pickSpareId(known, taken, random)
    if (id === undefined) break
    if (!(await named(id, signal))) return id
    avoided.add(id)
  }
  throw new LifeboatError('platform', 'This machine has no user id left that nobody has.', {
    hint: 'Give the job a service container as target-database-url.',
  })
}

/** `/proc/<pid>/uid_map`: first inside, first outside, how many. */
export function parseIdMap(text: string): IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [first, , count] = line.trim().split(/\s+/).map(Number)
    if (first === undefined || count === undefined || !(count > 0)) return []
    return [{ first, last: first + count - 1 }]
  })
}

/** `/etc/subuid`: who, first, how many. */
export function parseSubordinate(text: string): IdRange[] {
  return text.split('\n').flatMap((line) => {
    const [, first, count] = line.split(':').map(Number)
    if (first === undefined || count === undefined || !(count > 0)) return []
    return [{ first, last: first + count - 1 }]
  })
}

/** A living process, as everybody may see it. */
export interface LivingProcess {
  readonly pid: number
  /** Real, effective, saved, and that of files. */
  readonly uids: readonly number[]
  readonly gids: readonly number[]
}

/** What has ended and was not waited for can do nothing (in a container nobody waits for it), and is none. */
export async function livingProcesses(): Promise<LivingProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid): Promise<LivingProcess[]> => {
      const status = await text(`/proc/${pid}/status`)
      const ids = (kind: string): number[] =>
        new RegExp(`^${kind}:\\s+(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/).map(Number) ?? []
      const ended = status === '' || /^State:\s+[ZX]/m.test(status)
      return ended ? [] : [{ pid: Number(pid), uids: ids('Uid'), gids: ids('Gid') }]
    }),
  )
  return found.flat()
}

async function usedIds(folders: readonly string[]): Promise<number[]> {
  const tables = await Promise.all(['/etc/passwd', '/etc/group'].map(text))
  const listed = tables.flatMap((table) => table.split('\n').flatMap((line) => line.split(':').slice(2, 4)))
  const running = (await livingProcesses()).flatMap(({ uids, gids }) => [...uids, ...gids])
  const owners = await Promise.all(folders.map(ownersIn))
  return [...listed.map(Number), ...running, ...owners.flat()]
}

/** Of what a killed run left, whose numbers somebody may still have files by. */
async function ownersIn(folder: string): Promise<number[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) =>
    name.startsWith('lifeboat-'),
  )
  const inside = names.flatMap((name) => [join(folder, name), join(folder, name, 's')])
  const found = await Promise.all(inside.map((path) => stat(path).catch(() => undefined)))
  return found.flatMap((each) => (each ? [each.uid, each.gid] : []))
}

/** Whether a directory service knows it. Where there is no getent there is none. */
async function named(id: number, signal: AbortSignal): Promise<boolean> {
  const asked = await Promise.all(
    ['passwd', 'group'].map(async (table) => {
      try {
        await run('getent', [table, String(id)], { env: childEnvironment(), timeoutMs: LIMIT_MS, signal })
        return true
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof LifeboatError) return false
        throw error
      }
    }),
  )
  return asked.includes(true)
}

function text(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '')
}
