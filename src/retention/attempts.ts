import type { ListedBackup } from '../catalog/listing.ts'
import type { BackupId } from '../catalog/names.ts'
import { DEAD_AFTER_MS } from './policy.ts'

/** A multipart upload that has begun and not ended. */
export interface ListedUpload {
  readonly name: string
  readonly id: BackupId
  readonly key: string
  readonly uploadId: string
  readonly initiated: Date
  /** Its newest part, or its begin. */
  readonly lastActivity: Date
}

export interface AttemptDecision {
  readonly attempt: ListedBackup
  /**
   * `dead`: nothing has happened for seven days. `broken-removal`: a prune began and did not end. Both go. `alive`
   * stays. `lost-manifest`: somebody verified it, so it was a backup; it stays and the step is red.
   */
  readonly state: 'dead' | 'broken-removal' | 'alive' | 'lost-manifest'
}

export interface UploadDecision {
  readonly upload: ListedUpload
  readonly state: 'dead' | 'alive'
}

/**
 * What becomes of folders without a manifest, and of uploads that have not ended. The two are looked at together:
 * while one artifact of a backup still grows, the others are a week old.
 */
export function decideAttempts(
  attempts: readonly ListedBackup[],
  uploads: readonly ListedUpload[],
  now: Date,
): { readonly attempts: readonly AttemptDecision[]; readonly uploads: readonly UploadDecision[] } {
  const newest = new Map<BackupId, number>()
  for (const { id, lastActivity } of [...attempts, ...uploads]) {
    newest.set(id, Math.max(newest.get(id) ?? Number.NEGATIVE_INFINITY, lastActivity.getTime()))
  }
  const isDead = (id: BackupId): boolean => now.getTime() - (newest.get(id) ?? Number.NaN) > DEAD_AFTER_MS
  return {
    attempts: attempts.map((attempt) => ({ attempt, state: stateOf(attempt, isDead(attempt.id)) })),
    uploads: uploads.map((upload) => ({ upload, state: isDead(upload.id) ? 'dead' : 'alive' })),
  }
}

function stateOf({ removing, recorded }: ListedBackup, dead: boolean): AttemptDecision['state'] {
  if (removing) return 'broken-removal'
  if (recorded) return 'lost-manifest'
  return dead ? 'dead' : 'alive'
}
