import type { Breach } from '../catalog/breach.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { parseVerificationFile } from '../catalog/names.ts'
import { verificationState } from '../catalog/verification-state.ts'
import type { WatchedName, WatchTargets } from '../catalog/watched.ts'

type Proof = Pick<WatchedName, 'verification' | 'proved'>

/** What the records beside the backups say, from their names alone. `backups` come newest first. */
export function proofOf(backups: readonly ListedBackup[]): Proof {
  const states = backups.flatMap((backup) => {
    const state = verificationState(backup.files)
    return state ? [{ id: backup.id, time: state.time, verdict: state.verdict, backup }] : []
  })
  // A `partial` decides nothing as long as there is anything else.
  const decided = states.filter(({ verdict }) => verdict !== 'partial')
  const latest = (decided.length > 0 ? decided : states).reduce<(typeof states)[number] | undefined>(
    (best, state) => (best && best.time >= state.time ? best : state),
    undefined,
  )
  const proved = states.find(({ verdict }) => verdict === 'ok')
  return {
    verification: latest && { id: latest.id, verdict: latest.verdict, time: latest.time },
    proved: proved && { id: proved.id, time: proved.backup.time, at: proved.time },
  }
}

/** Every record's time and verdict, newest first, for a timeline. */
export function recordsOf(backups: readonly ListedBackup[]): { readonly time: Date; readonly ok: boolean }[] {
  return backups
    .flatMap(({ files }) => files.flatMap((file) => parseVerificationFile(file) ?? []))
    .filter(({ verdict }) => verdict !== 'partial')
    .map(({ time, verdict }) => ({ time, ok: verdict === 'ok' }))
    .sort((a, b) => b.time.getTime() - a.time.getTime())
}

/**
 * A failed verification is a breach whatever the targets say. Where they ask for one, it must be young, and so must be
 * what it proved: to prove the same old backup again and again says nothing of today's.
 */
export function judgeProof(
  { name, verification, proved }: Pick<WatchedName, 'name'> & Proof,
  { verifiedMs, rpoMs }: WatchTargets,
  now: Date,
): Breach[] {
  if (verification?.verdict === 'failed') {
    return [{ kind: 'verification-failed', name, id: verification.id, time: verification.time }]
  }
  if (verifiedMs === undefined) return []
  if (!proved) return [{ kind: 'unverified', name }]
  const ageMs = now.getTime() - proved.at.getTime()
  if (ageMs > verifiedMs) {
    return [{ kind: 'verification-old', name, id: proved.id, ageMs, limitMs: verifiedMs }]
  }
  const provedAgeMs = now.getTime() - proved.time.getTime()
  const limitMs = verifiedMs + rpoMs
  return provedAgeMs > limitMs
    ? [{ kind: 'verification-old', name, id: proved.id, ageMs: provedAgeMs, limitMs }]
    : []
}
