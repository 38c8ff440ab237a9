import type { Breach } from '../catalog/breach.ts'
import type { Rate, WatchedName, WatchTargets } from '../catalog/watched.ts'
import { BREACH_TITLES, describeBreach } from './breach-text.ts'
import { describeRemark } from './remark-text.ts'

/** What `check` found; all of it may be foreign text. */
export interface CheckReport {
  readonly now: Date
  /** The store's own description, for people. */
  readonly store: string
  readonly prefix: string
  /** The second store; undefined where none was asked for. */
  readonly replica: { readonly store: string; readonly prefix: string } | undefined
  readonly lifeboat: string
  readonly targets: WatchTargets
  /** As somebody would say it. */
  readonly policy: string
  readonly names: readonly WatchedName[]
  /** Of the store as a whole. */
  readonly breaches: readonly Breach[]
  readonly notMeasured: readonly string[]
  readonly rates: readonly Rate[]
  /** Objects under the prefix that are not ours. */
  readonly foreign: number
}

/** The store's own first: they often explain the others. */
export function allBreaches({ breaches, names }: Pick<CheckReport, 'breaches' | 'names'>): Breach[] {
  return [...breaches, ...names.flatMap((name) => name.breaches)]
}

/** Outputs that no other command has, in the order of `action.yml`. */
export const CHECK_OUTPUTS = ['healthy', 'breaches', 'rpo-seconds', 'gap-seconds', 'checked'] as const

/** Every output of `command: check`, as `action.yml` describes them. */
export function checkOutputs(report: CheckReport): Readonly<Record<string, string>> {
  const { names } = report
  const breaches = allBreaches(report)
  return {
    healthy: String(breaches.length === 0),
    breaches: JSON.stringify(breaches.map(breachJson)),
    'rpo-seconds': worst(names.map(({ newest }) => newest && newest.ageMs / 1000)),
    'gap-seconds': worst(names.map(({ gap }) => gap && gap.ms / 1000)),
    'rto-seconds': worst(names.map(({ restores }) => restores[0]?.seconds)),
    checked: JSON.stringify(names.map(nameJson)),
  }
}

export function breachJson(breach: Breach): Readonly<Record<string, unknown>> {
  const { kind } = breach
  const name = 'name' in breach ? (breach.name ?? null) : null
  const id = 'id' in breach ? breach.id : null
  return { kind, title: BREACH_TITLES[kind], name, 'backup-id': id, ...describeBreach(breach) }
}

/** The essence of one name, in seconds and bytes. */
export function nameJson(name: WatchedName): Readonly<Record<string, unknown>> {
  const { newest, gap, verification, proved, restores, total } = name
  return {
    name: name.name,
    healthy: name.breaches.length === 0,
    breaches: name.breaches.map(({ kind }) => kind),
    backups: total.backups,
    bytes: total.bytes,
    'backup-id': newest?.id ?? null,
    'rpo-seconds': newest ? Math.round(newest.ageMs / 1000) : null,
    'gap-seconds': gap ? Math.round(gap.ms / 1000) : null,
    'rto-seconds': restores[0]?.seconds ?? null,
    verification: verification?.verdict ?? 'none',
    'verified-at': verification?.time.toISOString() ?? null,
    'verified-backup': proved?.id ?? null,
    encryption: name.encryption ?? null,
    'replica-backup-id': name.replica?.newest?.id ?? null,
    'replica-seconds': name.replica?.newest ? Math.round(name.replica.newest.ageMs / 1000) : null,
  }
}

/** Everything that the page shows, as data. Times are ISO 8601 in UTC, durations in seconds, sizes in bytes. */
export function checkJson(report: CheckReport): Readonly<Record<string, unknown>> {
  const { now, store, prefix, replica, lifeboat, targets, policy, names, notMeasured, rates, foreign } =
    report
  const breaches = allBreaches(report)
  return {
    format: 1,
    lifeboat,
    checked: now.toISOString(),
    store,
    prefix,
    replica: replica ?? null,
    healthy: breaches.length === 0,
    breaches: breaches.map(breachJson),
    targets: {
      'rpo-seconds': targets.rpoMs / 1000,
      'gap-seconds': targets.gapMs / 1000,
      'rto-seconds': targets.rtoMs / 1000,
      'verified-seconds': targets.verifiedMs === undefined ? null : targets.verifiedMs / 1000,
      'replica-seconds': replica ? (targets.replicaMs ?? targets.rpoMs) / 1000 : null,
      recipients: targets.recipients ?? null,
    },
    policy,
    'not-measured': notMeasured,
    rates,
    'foreign-objects': foreign,
    names: names.map((name) => ({
      ...nameJson(name),
      history: name.backups.map(
        ({ plainBytes = null, seconds = null, rows = null, documents = null, ...backup }) => ({
          'backup-id': backup.id,
          bytes: backup.bytes,
          'plain-bytes': plainBytes,
          rows,
          documents,
          'duration-seconds': seconds,
          verification: backup.verification?.verdict ?? 'none',
        }),
      ),
      restores: name.restores.map(({ id, time, verdict, seconds }) => ({
        'backup-id': id,
        time,
        verdict,
        'rto-seconds': seconds,
      })),
      'usual-rto-seconds': name.usualRestoreSeconds ?? null,
      'replica-backups': name.replica?.backups ?? null,
      rates: name.rates,
      remarks: name.remarks.map((remark) => ({
        what: remark.what,
        'backup-id': remark.id,
        factor: Number(remark.factor.toFixed(2)),
        text: describeRemark(name.name, remark),
      })),
      retention: name.retention.map(({ id, stays, reasons }) => ({ 'backup-id': id, stays, reasons })),
      recovery: name.recovery?.lines ?? [],
      notes: name.notes,
    })),
  }
}

function worst(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? '' : Math.max(...known).toFixed(0)
}
