import type { Breach } from '../catalog/breach.ts'
import type { NamedBackups } from '../catalog/listing.ts'
import { verificationState } from '../catalog/verification-state.ts'
import { WINDOW_MS, type WatchedBackup, type WatchedName, type WatchTargets } from '../catalog/watched.ts'
import type { ListedUpload } from '../retention/attempts.ts'
import { OVERDUE_MS, overdueBackups } from '../retention/overdue.ts'
import { planRetention } from '../retention/plan.ts'
import { DEAD_AFTER_MS, type RetentionPolicy } from '../retention/policy.ts'
import { provenGaps } from '../retention/proven-gaps.ts'
import { describeReason } from '../retention/reason.ts'
import { judgeAmount } from '../watch/amount.ts'
import { describeEncryption, judgeEncryption, type WantedEncryption } from '../watch/encryption.ts'
import { judgeLeftovers } from '../watch/leftovers.ts'
import { judgeProof, proofOf } from '../watch/proof.ts'
import { nameRates } from '../watch/rates.ts'
import { isDatedAhead, judgeRecoveryPoint, newestGood, worstGap } from '../watch/recovery-point.ts'
import { judgeRecoveryTime, risingRecoveryTime, usualRecoveryTime } from '../watch/recovery-time.ts'
import { describeReplica, judgeReplica, type NameInReplica } from '../watch/replica.ts'
import { judgeSystems } from '../watch/systems.ts'
import { unusualBackups } from '../watch/unusual.ts'
import type { NameWindow } from './check-window.ts'

/** So many backups of one name are shown, at most. */
const MOST_SHOWN = 400

export interface JudgeSettings {
  readonly policy: RetentionPolicy
  readonly targets: WatchTargets
  readonly wanted: WantedEncryption
  readonly now: Date
}

/** What was seen of one name. */
export interface SeenName {
  readonly named: NamedBackups
  readonly window: NameWindow
  /** Of this name only. */
  readonly uploads: readonly ListedUpload[]
  /** Undefined where no second store was looked at. */
  readonly replica: NameInReplica | undefined
}

/** All that can be said of one name, and everything that is wrong with it. Pure. */
export function judgeName(
  { named, window, uploads, replica }: SeenName,
  { policy, targets, wanted, now }: JudgeSettings,
): WatchedName {
  const { name, attempts } = named
  const counted = withoutForeign(named.backups, window.foreign)
  const backups = counted.filter(({ removing, id }) => !removing && !window.newer.has(id))
  const newer = [...named.newer, ...named.backups.filter(({ id }) => window.newer.has(id))]
  const watched = backups.map((backup): WatchedBackup => watchedBackup(backup, window))
  const plan = planRetention(named, policy, { now, confirmed: new Set(), uploads })
  const newest = newestGood(backups, now)
  const judged = {
    name,
    newest,
    gap: worstGap(provenGaps(backups, policy, now), now),
    ...proofOf(backups),
    restores: window.restores,
  }
  const chronological = watched.flatMap(({ id }) => window.manifests.get(id)?.system ?? []).toReversed()
  const recovery = newest && window.manifests.get(newest.id)?.recovery
  const stopped = { stoppedMs: policy.guards.maxAgeMs }
  const leftovers = { ...plan, overdue: overdueBackups(named.backups, policy, now) }
  const isNew = backups.length === 0 && plan.refusal === undefined
  const recent = watched.filter(({ time }) => now.getTime() - time.getTime() <= WINDOW_MS)
  const graceMs = targets.replicaMs ?? targets.rpoMs
  return {
    ...judged,
    usualRestoreSeconds: usualRecoveryTime(window.restores),
    replica: replica && describeReplica(replica, now),
    rates: nameRates({ ...named, backups: counted }, now),
    remarks: [...risingRecoveryTime(window.restores), ...unusualBackups(recent)],
    total: {
      backups: backups.length,
      bytes: backups.reduce((sum, { bytes }) => sum + bytes, 0),
      attempts: attempts.length,
    },
    backups: watched.slice(0, MOST_SHOWN),
    encryption: describeEncryption(window.seen, newest?.id),
    retention: plan.decisions.slice(0, MOST_SHOWN).map(({ backup: { id, bytes }, stays, reasons }) => {
      return { id, bytes, stays, reasons: reasons.map(describeReason) }
    }),
    recovery: newest && recovery && { id: newest.id, lines: recovery },
    notes: plan.notices,
    breaches: [
      // The first backup of a name may just be on its way.
      ...(isNew ? [] : judgeRecoveryPoint(judged, targets, stopped)),
      ...futureOf(
        name,
        backups.filter((backup) => isDatedAhead(backup, now)),
      ),
      ...newerOf(name, newer),
      ...judgeProof(judged, targets, now),
      ...judgeRecoveryTime(judged, targets),
      ...judgeAmount(
        name,
        watched.filter(({ id }) => newest && id <= newest.id),
      ),
      ...judgeEncryption(name, { backups, seen: window.seen }, wanted),
      ...judgeSystems(name, chronological),
      ...window.foreign.map((record): Breach => ({ kind: 'foreign-record', name, ...record })),
      ...window.damaged.map(({ id, what }): Breach => ({ kind: 'damaged', name, id, what })),
      ...(replica ? judgeReplica(name, replica, { now, graceMs }) : []),
      ...judgeLeftovers(name, leftovers, { now, deadAfterMs: DEAD_AFTER_MS, graceMs: OVERDUE_MS }),
    ],
  }
}

/** A record that is not of the backup beside it says nothing about it. */
function withoutForeign(
  backups: NamedBackups['backups'],
  foreign: NameWindow['foreign'],
): NamedBackups['backups'] {
  if (foreign.length === 0) return backups
  const left = new Set(foreign.map(({ id, file }) => `${id}/${file}`))
  return backups.map((backup) => {
    const files = backup.files.filter((file) => !left.has(`${backup.id}/${file}`))
    const verdict = verificationState(files)?.verdict ?? 'none'
    return { ...backup, files, verification: verdict === 'partial' ? 'none' : verdict }
  })
}

function watchedBackup(
  { id, time, bytes, files }: NamedBackups['backups'][number],
  { manifests }: NameWindow,
): WatchedBackup {
  const facts = manifests.get(id)
  return {
    id,
    time,
    bytes,
    verification: verificationState(files),
    ...(facts && {
      seconds: facts.seconds,
      plainBytes: facts.artifacts.reduce((sum, { plainBytes }) => sum + plainBytes, 0),
      ...(facts.rows !== undefined && { rows: facts.rows }),
      ...(facts.documents !== undefined && { documents: facts.documents }),
    }),
  }
}

function newerOf(name: string, newer: readonly { readonly time: Date }[]): Breach[] {
  if (newer.length === 0) return []
  const since = new Date(Math.min(...newer.map(({ time }) => time.getTime())))
  return [{ kind: 'newer', name, backups: newer.length, since }]
}

function futureOf(name: string, future: NamedBackups['backups']): Breach[] {
  const [newest] = future
  return newest ? [{ kind: 'future', name, id: newest.id, backups: future.length }] : []
}
