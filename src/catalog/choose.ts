import { LifeboatError } from '../errors.ts'
import type { Catalog, ListedBackup, NamedBackups, NewerBackup } from './listing.ts'
import { FORMAT, isBackupId, type BackupId } from './names.ts'
import { newer } from './newer.ts'

/** Which backup is meant; with neither `id` nor `before`: the newest. */
export interface Choice {
  /** The backup's name; undefined: the only one under the prefix. */
  readonly name: string | undefined
  readonly id: BackupId | undefined
  /** The newest whose snapshot is older than this. */
  readonly before: Date | undefined
}

/**
 * The committed backup that is meant. One that a prune has begun to remove is none. Throws `input` where the name is
 * unclear, `store-missing` where there is no such backup, `newer` where it is one that this version cannot read: nobody but
 * a person decides to take an older one. Each says what there is instead.
 */
export function chooseBackup({ names, prefix }: Catalog, choice: Choice): ListedBackup {
  const meant = candidates(names, prefix, choice)
  const backups = meant.flatMap((named) => named.backups.filter(isRestorable))
  const { id, before } = choice
  const isMeant = (each: { readonly id: BackupId; readonly time: Date }): boolean =>
    id === undefined ? before === undefined || each.time.getTime() < before.getTime() : each.id === id
  const found = backups.find(isMeant)
  const unreadable = meant.flatMap((named) => named.newer).find(isMeant)
  if (unreadable && (!found || found.id < unreadable.id))
    throw unreadableFailure(unreadable, found ?? backups[0])
  if (found) return found
  const name = choice.name ?? names[0]?.name ?? ''
  const newest = backups[0]
  const instead =
    newest === undefined
      ? 'There is no committed backup at all: look whether backups run, and at prefix and bucket.'
      : `The newest is ${newest.id}, the oldest ${backups.at(-1)?.id ?? ''}.`
  if (id !== undefined) {
    const attempt = names.some(({ attempts }) => attempts.some((each) => each.id === id))
    throw new LifeboatError(
      'store-missing',
      attempt
        ? `${id} is no backup: it has no manifest, so it was never finished or is being removed.`
        : `There is no backup ${id} of "${name}" under ${prefix}.`,
      { hint: instead },
    )
  }
  const older = before === undefined ? '' : ` older than ${before.toISOString()}`
  throw new LifeboatError('store-missing', `There is no backup of "${name}"${older} under ${prefix}.`, {
    hint: instead,
  })
}

function unreadableFailure(
  { id, name, format }: NewerBackup,
  readable: ListedBackup | undefined,
): LifeboatError {
  return newer(
    `Backup ${id} of "${name}" has format ${format}; this version knows ${FORMAT}.`,
    readable
      ? ` The newest that this version can read is ${readable.id}, of ${readable.time.toISOString()}: backup-id: ${readable.id} takes it, without what was written since.`
      : ' There is none that this version can read.',
  )
}

/** The backup of the same name before `backup`, which may be restored; undefined where there is none. */
export function backupBefore({ names }: Catalog, { name, id }: ListedBackup): ListedBackup | undefined {
  return names
    .find((each) => each.name === name)
    ?.backups.filter(isRestorable)
    .find((each) => each.id < id)
}

/** Among committed backups: one that a prune has begun to remove is none, though its manifest still stands. */
export function isRestorable({ removing }: Pick<ListedBackup, 'removing'>): boolean {
  return !removing
}

function candidates(names: Catalog['names'], prefix: string, { name, id }: Choice): readonly NamedBackups[] {
  if (name !== undefined) return names.filter((each) => each.name === name)
  // An id is unlike any other, whatever its name.
  if (id !== undefined && isBackupId(id)) return names
  const withBackups = names.filter(({ backups, newer }) => newer.length > 0 || backups.some(isRestorable))
  if (withBackups.length > 1) {
    throw new LifeboatError(
      'input',
      `Under ${prefix} are backups of several names: ${withBackups.map((each) => each.name).join(', ')}.`,
      { hint: 'Say which with the input name, one step for each.' },
    )
  }
  return withBackups
}
