import type { NameRates, WatchedName, WatchTargets } from '../catalog/watched.ts'
import { formatCount, formatDuration, formatShare, formatTime, plural } from './format.ts'
import { describeRemark } from './remark-text.ts'

/** What the latest verification said, and when. */
export function describeProof({ verification }: Pick<WatchedName, 'verification'>): string {
  if (!verification) return 'never'
  const { verdict, time } = verification
  return `${{ ok: 'ok', partial: 'partial', failed: 'FAILED' }[verdict]}, ${formatTime(time)}`
}

/** `31 min 07 s, usually 28 min 00 s`; empty where none was measured. */
export function describeRestore({
  restores: [last],
  usualRestoreSeconds: usual,
}: Pick<WatchedName, 'restores' | 'usualRestoreSeconds'>): string {
  if (!last) return ''
  const before = usual === undefined ? '' : `, usually ${formatDuration(usual * 1000)}`
  return `${formatDuration(last.seconds * 1000)}${before}`
}

/** The newest backup of the second store, and how many there are. */
export function describeCopy({ replica }: Pick<WatchedName, 'replica'>): string {
  if (!replica) return 'NOT MEASURED'
  const { newest, backups } = replica
  return newest ? `newest ${formatDuration(newest.ageMs)} old, ${formatCount(backups)} in all` : 'NONE'
}

/** `7 of 8 that stored something`, and the share. */
export function describeCommitted({ backups: { begun, committed } }: NameRates): string {
  if (begun === 0) return 'none'
  return `${formatShare(committed, begun)}: ${formatCount(committed)} of ${formatCount(begun)} that stored something`
}

/** `80 %: 4 ok, 1 failed, 2 partial` */
export function describeVerdicts({ restores: { ok, failed, partial } }: NameRates): string {
  if (ok + failed + partial === 0) return 'none'
  const words = [
    `${formatCount(ok)} ok`,
    `${formatCount(failed)} failed`,
    ...(partial > 0 ? [`${formatCount(partial)} partial`] : []),
  ]
  return `${formatShare(ok, ok + failed)}: ${words.join(', ')}`
}

/** Of all names, in sentences. */
export function remarksOf(names: readonly WatchedName[]): string[] {
  return names.flatMap(({ name, remarks }) => remarks.map((remark) => describeRemark(name, remark)))
}

/** `a backup not older than 1 d 2 h, …` */
export function describeTargets(
  { rpoMs, gapMs, rtoMs, verifiedMs, replicaMs = rpoMs, recipients }: WatchTargets,
  looked: { readonly replica: boolean },
): string {
  return [
    `newest backup at most ${formatDuration(rpoMs)} old`,
    ...(gapMs === rpoMs ? [] : [`gaps of at most ${formatDuration(gapMs)}`]),
    `restored within ${formatDuration(rtoMs)}`,
    ...(verifiedMs === undefined ? [] : [`verified within ${formatDuration(verifiedMs)}`]),
    ...(looked.replica ? [`second store at most ${formatDuration(replicaMs)} behind`] : []),
    ...(recipients === undefined ? [] : [`encrypted to at least ${plural(recipients, 'recipient')}`]),
  ].join(', ')
}
