import { advice, failedBy, notChecked, passed, type Examination, type Finding } from '../catalog/finding.ts'
import { ownFolder } from '../catalog/names.ts'
import { examineProtection } from './examine-protection.ts'
import { examineRemoval, probe, type Probe } from './probe.ts'
import type { LifecycleStore } from './lifecycle-store.ts'
import type { ProbedStore } from './probed-store.ts'
import type { PrunableStore } from './prunable-store.ts'

export type ExaminedStore = PrunableStore & LifecycleStore & ProbedStore

export interface StoreExamination {
  /** Opens it; what it throws is a finding. */
  readonly open: () => Promise<ExaminedStore>
  readonly prefix: string
  /** Six lower-case hexadecimal digits, others at each call. */
  readonly random: () => string
  /** Whether these keys have to be able to remove what they wrote. */
  readonly deletes: boolean
}

/** Beyond it signatures of requests may be refused (15 minutes), and times in names mislead. */
const SKEW_MS = 60_000

/**
 * Does all that a backup and a prune do to a store, with two objects of its own under `<prefix>_lifeboat/probe/` that are
 * removed.
 */
export function storeExamination(options: StoreExamination): Examination {
  return { area: 'Store', examine: (signal) => examine(options, signal) }
}

async function* examine(options: StoreExamination, signal: AbortSignal): AsyncGenerator<Finding> {
  const store = await options.open()
  try {
    yield await listed(store, options.prefix)
    yield await clock(store)
    const folder = `${ownFolder(options.prefix)}probe/${options.random()}${options.random()}-`
    const probes: Probe[] = []
    yield* probe(store, { folder, signal, written: (each) => probes.push(each) })
    yield* examineRemoval(store, { probes, signal, deletes: options.deletes })
    yield* examineProtection(store, options.prefix)
  } finally {
    store.close()
  }
}

async function listed(store: ExaminedStore, prefix: string): Promise<Finding> {
  try {
    const first = await store.list(prefix)[Symbol.asyncIterator]().next()
    const found = first.done === true ? 'nothing is there yet' : 'there is something'
    return passed('reachable, list', `${store.description}, under ${prefix === '' ? '/' : prefix}: ${found}.`)
  } catch (error) {
    return failedBy('reachable, list', error)
  }
}

async function clock(store: ExaminedStore): Promise<Finding> {
  const name = 'clock'
  try {
    const skew = await store.clockSkewMs()
    if (skew === undefined) return notChecked(name, 'the store does not tell the time.')
    const seconds = Math.round(Math.abs(skew) / 1000)
    const found = `this machine's clock and the store's differ by ${seconds} s.`
    return Math.abs(skew) <= SKEW_MS
      ? passed(name, found)
      : advice(name, found, 'Set the clock of this machine (NTP): beyond 15 minutes stores refuse it.')
  } catch (error) {
    return failedBy(name, error)
  }
}
