import type { Breach } from '../catalog/breach.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import type { BackupId } from '../catalog/names.ts'
import type { WatchedReplica } from '../catalog/watched.ts'
import { isDatedAhead, newestOf } from './recovery-point.ts'

/** A backup that stands here, and what there is of it in the second store. */
export interface CopyOfBackup {
  readonly id: BackupId
  readonly time: Date
  /** With its manifest. */
  readonly isThere: boolean
  /** Of one that is there: what is not as it is here. */
  readonly differing: readonly DifferingObject[]
}

export interface DifferingObject {
  readonly file: string
  /** Bytes. */
  readonly here: number
  /** Undefined where it is missing. */
  readonly there: number | undefined
}

/** One name in both stores, newest first. */
export interface NameInReplica {
  /** Of what stands here, and is not being removed on either side. */
  readonly copies: readonly CopyOfBackup[]
  /** Committed there, whatever stands here. */
  readonly there: readonly ListedBackup[]
}

export function describeReplica({ there }: NameInReplica, now: Date): WatchedReplica {
  return { backups: there.length, newest: newestOf(there, now) }
}

/**
 * Whether the second store has what it should. Which of the older backups its own retention removed, nobody here can
 * know; but no retention removes the newest. So what is newer than all that stands there was never copied.
 */
export function judgeReplica(
  name: string,
  { copies, there }: NameInReplica,
  { now, graceMs }: { readonly now: Date; readonly graceMs: number },
): Breach[] {
  const newest = newestOf(there, now)
  const lacking = copies.filter(
    (copy) =>
      !copy.isThere &&
      !isDatedAhead(copy, now) &&
      now.getTime() - copy.time.getTime() > graceMs &&
      (newest === undefined || copy.time.getTime() > newest.time.getTime()),
  )
  const oldest = lacking.at(-1)
  const short = copies.filter(({ differing }) => differing.length > 0)
  const [first] = short
  return [
    ...(oldest
      ? [
          {
            kind: 'replica-behind',
            name,
            id: oldest.id,
            backups: lacking.length,
            ageMs: now.getTime() - oldest.time.getTime(),
            limitMs: graceMs,
          } as const,
        ]
      : []),
    ...(first?.differing[0]
      ? [{ kind: 'replica-short', name, id: first.id, ...first.differing[0], backups: short.length } as const]
      : []),
  ]
}
