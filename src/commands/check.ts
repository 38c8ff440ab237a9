import { auditMonth, parseAuditKey, type AuditEntry } from '../catalog/audit.ts'
import type { Breach } from '../catalog/breach.ts'
import type { Catalog, NamedBackups } from '../catalog/listing.ts'
import { nameFolder } from '../catalog/names.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { WINDOW_MS, type Rate, type WatchedName } from '../catalog/watched.ts'
import { LifeboatError } from '../errors.ts'
import type { ListedUpload } from '../retention/attempts.ts'
import { MAX_SKEW_MS } from '../retention/policy.ts'
import type { LifecycleStore } from '../storage/lifecycle-store.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { ratesOf } from '../watch/rates.ts'
import { readWindow, shareOf, type NameWindow } from './check-window.ts'
import { judgeLifecycle } from './judge-lifecycle.ts'
import { judgeName, type JudgeSettings } from './judge-name.ts'
import { readCatalog, readUploads, type Place } from './read-catalog.ts'

export interface CheckSettings extends Place, Omit<JudgeSettings, 'now'> {
  /** What our lifecycle rule should say; undefined: whatever it says. */
  readonly expireDays: number | undefined
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
 * Looks at everything, changes nothing: lists the prefix, unfinished uploads and the audit trail of the last 30 days, and
 * reads a bounded number of manifests, beginnings of artifacts and verification records (`check-window.ts`).
 */
export async function check(settings: CheckSettings, around: CheckSurroundings): Promise<CheckOutcome> {
  const { store, log, clock, signal } = around
  const now = clock.now()
  const looking = asker()
  const listed = await looking.required('list objects', () => readCatalog(store, settings, signal))
  if (!listed) {
    return { now, names: [], breaches: looking.breaches, notMeasured: [], rates: [], foreign: 0 }
  }
  const uploads = await looking.optional('unfinished uploads', () =>
    readUploads(store, settings, { now, signal }),
  )
  const entries = await looking.optional('the audit trail', () => readTrail(settings.prefix, now, around))
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
          readWindow({ folder, backups: named.backups }, limits, { store, now, signal }),
        )
      : undefined
    mayRead &&= window !== undefined
    const read = window ?? { manifests: new Map(), seen: [], restores: [], damaged: [] }
    const mine = (uploads ?? []).filter(({ name }) => name === named.name)
    names.push(judgeName(named, read, mine, { ...settings, now }))
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

function nothing({ name }: Place): Breach {
  return { kind: 'nothing', ...(name !== undefined && { name }) }
}

/** Asks the store; what it does not let us see becomes a breach, or where it is not much, something not measured. */
function asker(): {
  readonly breaches: Breach[]
  readonly notMeasured: string[]
  required<T>(what: string, ask: () => Promise<T>): Promise<T | undefined>
  optional<T>(what: string, ask: () => Promise<T>): Promise<T | undefined>
} {
  const breaches: Breach[] = []
  const notMeasured: string[] = []
  const attempt = async <T>(ask: () => Promise<T>, refused: (error: LifeboatError) => void) => {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof LifeboatError && error.code === 'store-access')) throw error
      refused(error)
      return undefined
    }
  }
  return {
    breaches,
    notMeasured,
    required: (what, ask) =>
      attempt(ask, ({ message, hint = '' }) => {
        breaches.push({ kind: 'rights', what, message, hint })
      }),
    optional: (what, ask) =>
      attempt(ask, ({ message }) => {
        notMeasured.push(`${what}: ${message}`)
      }),
  }
}

/** The trail of the last 30 days: of two months, or three. Only names are looked at. */
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

/** A name may have nothing in the store yet but an upload. */
function withUploadsOnly(names: Catalog['names'], uploads: readonly ListedUpload[]): NamedBackups[] {
  const known = new Set(names.map(({ name }) => name))
  const others = new Set(uploads.map(({ name }) => name).filter((name) => !known.has(name)))
  return [...names, ...[...others].sort().map((name) => ({ name, backups: [], attempts: [] }))]
}
