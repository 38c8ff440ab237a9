import type { Breach } from '../catalog/breach.ts'
import type { BackupId } from '../catalog/names.ts'

/** What retention said of one name. */
export interface RetentionFindings {
  /** Nothing of the name is removed, and why. */
  readonly refusal: { readonly guard: string; readonly message: string; readonly hint: string } | undefined
  /** What should be gone. */
  readonly overdue: readonly { readonly id: BackupId; readonly bytes: number }[]
  readonly attempts: readonly {
    readonly attempt: { readonly id: BackupId; readonly lastActivity: Date }
    readonly state: 'dead' | 'broken-removal' | 'alive' | 'lost-manifest'
  }[]
  readonly uploads: readonly {
    readonly upload: { readonly key: string; readonly lastActivity: Date }
    readonly state: 'dead' | 'alive'
  }[]
}

/** What should not be there any more, by now. `graceMs`: so long nobody need have pruned. */
export function judgeLeftovers(
  name: string,
  { refusal, overdue, attempts, uploads }: RetentionFindings,
  {
    now,
    deadAfterMs,
    graceMs,
  }: { readonly now: Date; readonly deadAfterMs: number; readonly graceMs: number },
): Breach[] {
  const idle = (activity: Date): number => now.getTime() - activity.getTime()
  const strayAttempts = attempts.filter(
    ({ attempt, state }) =>
      (state === 'dead' && idle(attempt.lastActivity) > deadAfterMs + graceMs) ||
      (state === 'broken-removal' && idle(attempt.lastActivity) > graceMs),
  )
  const strayUploads = uploads.filter(
    ({ upload, state }) => state === 'dead' && idle(upload.lastActivity) > deadAfterMs + graceMs,
  )
  const [oldest, attempt, upload] = [overdue.at(-1), strayAttempts.at(-1), strayUploads[0]]
  return [
    // That backups have stopped is a breach of its own.
    ...(refusal && refusal.guard !== 'max-age'
      ? [{ kind: 'guard', name, message: refusal.message, hint: refusal.hint } as const]
      : []),
    ...(oldest && !refusal
      ? [
          {
            kind: 'retention',
            name,
            backups: overdue.length,
            bytes: overdue.reduce((sum, { bytes }) => sum + bytes, 0),
            oldest: oldest.id,
          } as const,
        ]
      : []),
    ...attempts.flatMap(({ attempt: { id }, state }): Breach[] =>
      state === 'lost-manifest' ? [{ kind: 'lost-manifest', name, id }] : [],
    ),
    ...(attempt
      ? [{ kind: 'stray-attempts', name, count: strayAttempts.length, oldest: attempt.attempt.id } as const]
      : []),
    ...(upload
      ? [{ kind: 'stray-uploads', name, count: strayUploads.length, oldest: upload.upload.key } as const]
      : []),
  ]
}
