import type { Catalog, ListedBackup, NewerBackup } from '../catalog/listing.ts'
import { REMOVING_FILE } from '../catalog/files.ts'
import { backupFolder, FORMAT, MANIFEST_FILE } from '../catalog/names.ts'
import { newer } from '../catalog/newer.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError, type ErrorCode } from '../errors.ts'
import type { RetentionPolicy } from '../retention/policy.ts'
import { copyBackup, type CopiedBackup } from './copy-backup.ts'
import { keptThere } from './replica-policy.ts'
import { listSide, pairs, type BackupPair, type Side } from './replica-side.ts'
import { sideBySide } from './side-by-side.ts'

export interface ReplicateSettings {
  readonly from: Side
  readonly to: Side
  /** Only this name's backups; undefined: all. */
  readonly name: string | undefined
  /** What the prune of the replica keeps; undefined: everything is copied. */
  readonly policy: RetentionPolicy | undefined
  readonly dryRun: boolean
}

export interface ReplicateSurroundings {
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Follows all bytes; `likelyBytes` is what will be read. */
  readonly progress: (likelyBytes: number) => ReplicateProgress
}

export interface ReplicateProgress {
  /** Bytes so far: read here, and acknowledged there. */
  update(bytes: { readonly plain: number; readonly stored: number }): void
  end(): void
}

/** What became of one backup. */
export type ReplicatedBackup = { readonly backup: Pick<ListedBackup, 'name' | 'id' | 'time'> } & (
  | CopiedBackup
  /**
   * `skipped`: a prune is at it. `unwanted`: the policy of the replica does not keep it. `unfinished`: the run broke off
   * before or in it.
   */
  | { readonly outcome: 'skipped' | 'unwanted' | 'unfinished'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly error: unknown }
)

export interface ReplicateOutcome {
  /** Every committed backup here, newest first. */
  readonly backups: readonly ReplicatedBackup[]
  /** What broke the run off; the rest is what was done until then. */
  readonly failure: unknown
}

/** Backups that are carried at a time: each takes up to 32 MiB, and twice its parts where those are larger. */
const AT_A_TIME = 4
/** These are no matter of one backup. */
const FATAL: readonly ErrorCode[] = ['cancelled', 'store-access']
/** A store that fails so often, each time after retries, is down. */
const STORE_FAILURES = 3

/**
 * List both → compare → copy what lacks, newest first. One backup that cannot be copied keeps no other from it. Throws
 * where one of the stores cannot be listed; afterwards what went wrong is in the outcome, beside what was done.
 */
export async function replicate(
  { from, to, name, policy, dryRun }: ReplicateSettings,
  { log, clock, signal, progress }: ReplicateSurroundings,
): Promise<ReplicateOutcome> {
  const here = await listSide(from, name, signal)
  if (here.catalog.names.every(({ backups, newer: later }) => backups.length + later.length === 0))
    throw noBackup(from, name)
  const there = await listSide(to, name, signal)
  const now = clock.now()
  const wanted = policy && keptThere(here.catalog, there.catalog, { policy, now })
  const known = pairs(here.catalog, there.catalog)
  const newerThere = newerIn(there.catalog)
  const clashing = known.flatMap((pair) => newerThere.filter((each) => isSame(each, pair.here)))
  const unreadable = [...newerIn(here.catalog), ...clashing]
  const all = known.filter(({ here: backup }) => !clashing.some((each) => isSame(each, backup)))
  const leftAlone = new Map(all.map((pair) => [pair, reasonToLeave(pair, wanted)]))
  const lacking = all.filter((pair) => !leftAlone.get(pair) && !pair.there?.committed)
  log.info(
    `${all.length} backup(s) in ${from.store.description}; ${to.store.description} lacks ${lacking.length} of them.`,
  )

  const told = new Map<ListedBackup, ReplicatedBackup>()
  const bytes = lacking.reduce((sum, pair) => sum + pair.here.bytes - (pair.there?.bytes ?? 0), 0)
  const shown = lacking.length > 0 && !dryRun ? progress(Math.max(0, bytes)) : undefined
  const counter = byteCounter((sofar) => shown?.update(sofar))
  const carry = {
    from: { ...from, listing: here },
    to: { ...to, listing: there },
    signal,
    log,
    dryRun,
    ...counter,
  }
  let storeFailures = 0
  let failure: unknown
  try {
    await sideBySide(all, AT_A_TIME, async (pair) => {
      const { here: backup } = pair
      signal.throwIfAborted()
      try {
        const left = leftAlone.get(pair)
        const outcome = left
          ? { backup, ...left }
          : await bringOver(pair, () => copyBackup(pair, carry), from)
        told.set(backup, outcome)
        for (const line of linesOf(outcome, dryRun)) log.info(line)
      } catch (error) {
        if (isFatal(error) || signal.aborted) throw error
        told.set(backup, { backup, outcome: 'failed', error })
        log.info(`NOT COPIED: backup ${backup.id} of "${backup.name}".`)
        storeFailures += error instanceof LifeboatError && error.code === 'store' ? 1 : 0
        if (storeFailures >= STORE_FAILURES) throw error
      }
    })
  } catch (error) {
    failure = error
  } finally {
    shown?.end()
  }
  const backups = all.map(({ here: backup }) => told.get(backup) ?? unfinished(backup))
  return { backups: [...unreadable.map(refused), ...backups], failure }
}

/** This version does not know which objects belong to them, so it can neither copy them nor add to them. */
function newerIn({ names }: Catalog): readonly NewerBackup[] {
  return names.flatMap((named) => named.newer)
}

function isSame(a: NewerBackup, b: ListedBackup): boolean {
  return a.id === b.id && a.name === b.name
}

function refused(backup: NewerBackup): ReplicatedBackup {
  const error = newer(
    `Backup ${backup.id} of "${backup.name}" has format ${backup.format}, so it was not copied; this version knows ${FORMAT}.`,
  )
  return { backup, outcome: 'failed', error }
}

/** Nothing to copy is no success: it is what a wrong prefix looks like, and a bucket that somebody emptied. */
function noBackup({ store, prefix }: Side, name: string | undefined): LifeboatError {
  const what = name === undefined ? 'backup' : `backup of "${name}"`
  return new LifeboatError(
    'store-missing',
    `There is no ${what} under ${prefix === '' ? '/' : prefix} in ${store.description}, so there is nothing to copy.`,
    {
      hint: 'Look at bucket, prefix and name, and whether backups run. If backups were there before, touch nothing in the replica.',
    },
  )
}

function unfinished(backup: ListedBackup): ReplicatedBackup {
  return { backup, outcome: 'unfinished', reason: 'the run broke off' }
}

/** Why a backup is left alone, decided from the listings. */
function reasonToLeave(
  { here, there }: BackupPair,
  wanted: ((backup: ListedBackup) => boolean) | undefined,
): { readonly outcome: 'skipped' | 'unwanted'; readonly reason: string } | undefined {
  if (here.removing) return { outcome: 'skipped', reason: 'a prune has begun to remove it here' }
  if (there?.removing) return { outcome: 'skipped', reason: 'a prune has begun to remove it in the replica' }
  if (!there?.committed && wanted?.(here) === false)
    return { outcome: 'unwanted', reason: 'the policy of the replica does not keep it' }
  return undefined
}

async function bringOver(
  { here: backup }: BackupPair,
  copy: () => Promise<CopiedBackup>,
  { store, prefix }: Side,
): Promise<ReplicatedBackup> {
  try {
    return { backup, ...(await copy()) }
  } catch (error) {
    if (!(error instanceof LifeboatError && error.code === 'store-missing')) throw error
    // It may have been pruned since it was listed.
    const folder = backupFolder(prefix, backup.name, backup.id)
    const gone =
      (await store.head(`${folder}${MANIFEST_FILE}`)) === undefined ||
      (await store.head(`${folder}${REMOVING_FILE}`)) !== undefined
    if (!gone) throw error
    return { backup, outcome: 'skipped', reason: 'a prune removed it here in the meantime' }
  }
}

/** Sums what several workers read and store. */
function byteCounter(tell: (now: { plain: number; stored: number }) => void): {
  readonly onRead: (bytes: number) => void
  readonly onStored: () => (bytes: number) => void
} {
  let plain = 0
  let stored = 0
  return {
    onRead: (bytes) => {
      plain += bytes
      tell({ plain, stored })
    },
    onStored: () => {
      let before = 0
      return (bytes) => {
        stored += bytes - before
        before = bytes
        tell({ plain, stored })
      }
    },
  }
}

function isFatal(error: unknown): boolean {
  return !(error instanceof LifeboatError) || FATAL.includes(error.code)
}

const DONE = { copied: ['Copied', 'Would copy'], completed: ['Completed', 'Would complete'] } as const

function linesOf(replicated: ReplicatedBackup, dryRun: boolean): string[] {
  const { backup, outcome } = replicated
  const what = `backup ${backup.id} of "${backup.name}"`
  if (outcome === 'skipped') return [`Left out ${what}: ${replicated.reason}.`]
  if (outcome !== 'copied' && outcome !== 'completed') return []
  const { objects, bytes, resumed } = replicated
  const before = resumed > 0 ? `; ${resumed} more stood there already, the same` : ''
  return [`${DONE[outcome][dryRun ? 1 : 0]} ${what}: ${objects} object(s), ${bytes} bytes${before}.`]
}
