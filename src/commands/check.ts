import { auditMonth, parseAuditKey, type AuditEntry } from '../catalog/audit.ts'
import type { Breach } from '../catalog/breach.ts'
import { nameFolder } from '../catalog/names.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { WINDOW_MS, type Rate, type WatchedName } from '../catalog/watched.ts'
import { MAX_SKEW_MS } from '../retention/policy.ts'
import type { LifecycleStore } from '../storage/lifecycle-store.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { ratesOf } from '../watch/rates.ts'
import { asker } from './ask-store.ts'
import { readWindow, shareOf, type NameWindow } from './check-window.ts'
import { compareSides } from './compare-sides.ts'
import { judgeLifecycle } from './judge-lifecycle.ts'
import { judgeName, type JudgeSettings } from './judge-name.ts'
import { readCatalog, readUploads, withUploadsOnly, type Place } from './read-catalog.ts'
import { listSide, type Side, type SideListing } from './replica-side.ts'

export interface CheckSettings extends Place, Omit<JudgeSettings, 'now'> {
  /** What our lifecycle rule should say; undefined: whatever it says. */
  readonly expireDays: number | undefined
  /** A second store that is looked at, too. */
  readonly replica: Side | undefined
}

export interface CheckSurroundings {
  readonly store: PrunableStore & LifecycleStore
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface CheckOutcome {
  readonly now: Date
  readonly names: readonly WatchedName[]
  /** Of the store as a whole; those of the names stand with them. */
  readonly breaches: readonly Breach[]
  /** What could not be judged, and why, in sentences. */
  readonly notMeasured: readonly string[]
  readonly rates: readonly Rate[]
  /** Objects under the prefix that are not ours. */
  readonly foreign: number
}

/**
 * Looks at everything, changes nothing: lists the prefix, here and in a second store, unfinished uploads and the audit
 * trail of the last 30 days, and reads a bounded number of manifests, beginnings of artifacts and verification records
 * (`check-window.ts`), all of them here.
 */
export async function check(settings: CheckSettings, around: CheckSurroundings): Promise<CheckOutcome> {
  const { store, log, clock, signal } = around
  const { replica, name } = settings
  const now = clock.now()
  const looking = asker()
  const here = await looking.required('list objects', () => listHere(settings, around))
  if (!here) {
    return { now, names: [], breaches: looking.breaches, notMeasured: [], rates: [], foreign: 0 }
  }
  const listed = here.catalog
  const there = replica && (await looking.replica(() => listSide(replica, name, signal)))
  const copiesOf = there && compareSides(here, there)
  const uploads = await looking.optional('unfinished uploads', () =>
    readUploads(store, settings, { now, signal }),
  )
  const entries =
    name === undefined
      ? listed.trail
      : await looking.optional('the audit trail', () => readTrail(settings.prefix, now, around))
  const rules = await looking.optional('lifecycle rules', () => store.lifecycle())
  const skewMs = await store.clockSkewMs()
  if (skewMs === undefined) looking.notMeasured.push('The clock: the store does not tell the time.')

  const all = withUploadsOnly(listed.names, uploads ?? [])
  const limits = shareOf(Math.max(1, all.length))
  const names: WatchedName[] = []
  let mayRead = true
  for (const named of all) {
    const folder = nameFolder(settings.prefix, named.name)
    // Who may not read one will not read the others.
    const window: NameWindow | undefined = mayRead
      ? await looking.required('read objects', () =>
          readWindow({ folder, backups: named.backups }, limits, { store, now, signal, log }),
        )
      : undefined
    mayRead &&= window !== undefined
    const read = window ?? {
      manifests: new Map(),
      seen: [],
      restores: [],
      foreign: [],
      damaged: [],
      newer: new Set<string>(),
    }
    const seen = {
      named,
      window: read,
      uploads: (uploads ?? []).filter((upload) => upload.name === named.name),
      replica: copiesOf?.(named.name),
    }
    names.push(judgeName(seen, { ...settings, now }))
    log.debug(`${named.name}: ${read.manifests.size} manifests and ${read.seen.length} headers read.`)
  }
  return {
    now,
    names,
    breaches: [
      ...(names.length === 0 ? [nothing(settings)] : []),
      ...looking.breaches,
      ...(skewMs !== undefined && Math.abs(skewMs) > MAX_SKEW_MS ? [{ kind: 'clock', skewMs } as const] : []),
      ...(rules ? judgeLifecycle(rules, listed, { ...settings, now }) : []),
    ],
    notMeasured: looking.notMeasured,
    rates: ratesOf(entries ?? [], now),
    foreign: listed.foreign,
  }
}

/** Sizes of single objects are held only where there is something to compare them with. */
async function listHere(
  { prefix, name, replica }: CheckSettings,
  { store, signal }: CheckSurroundings,
): Promise<SideListing> {
  if (replica) return await listSide({ store, prefix }, name, signal)
  return { catalog: await readCatalog(store, { prefix, name }, signal), size: () => undefined }
}

function nothing({ name }: Place): Breach {
  return { kind: 'nothing', ...(name !== undefined && { name }) }
}

/** The trail of the last 30 days, of two months, or three: for a run that looks at one name, whose listing has none. */
async function readTrail(
  prefix: string,
  now: Date,
  { store, signal }: Pick<CheckSurroundings, 'store' | 'signal'>,
): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  const days = [0, 15, 30].map((day) => new Date(now.getTime() - (day / 30) * WINDOW_MS))
  for (const month of new Set(days.map((day) => auditMonth(prefix, day)))) {
    for await (const { key } of store.list(month)) {
      signal.throwIfAborted()
      const entry = parseAuditKey(prefix, key)
      if (entry) entries.push(entry)
    }
  }
  return entries
}
