import type { ListedBackup } from '../catalog/listing.ts'
import { verificationState } from '../catalog/verification-state.ts'
import { applyPolicy } from './plan.ts'
import type { RetentionPolicy } from './policy.ts'

/** So long after the policy let a backup go, somebody should have pruned, in milliseconds. */
export const OVERDUE_MS = 3 * 86_400_000

/**
 * Backups that the policy lets go now and let go three days ago, and that are still there: whatever prunes does not run,
 * or runs with another policy. `backups` are committed, newest first.
 */
export function overdueBackups(
  backups: readonly ListedBackup[],
  policy: RetentionPolicy,
  now: Date,
): readonly ListedBackup[] {
  const then = new Date(now.getTime() - OVERDUE_MS)
  const going = (those: readonly ListedBackup[], at: Date): readonly ListedBackup[] =>
    applyPolicy(those, policy, at).decisions.flatMap(({ backup, stays }) => (stays ? [] : [backup]))
  const before = new Set(
    going(
      backups.filter(({ time }) => time.getTime() <= then.getTime()),
      then,
    ),
  )
  return going(backups, now).filter((backup) => {
    const state = verificationState(backup.files)
    const failedSince = state?.verdict === 'failed' && state.time.getTime() > then.getTime()
    return before.has(backup) && !failedSince
  })
}
