import { LifeboatError } from '../errors.ts'
import type { Catalog, ListedBackup } from './listing.ts'
import { isBackupId, type BackupId } from './names.ts'

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
 * unclear, `store-missing` where there is no such backup, each with what there is instead.
 */
export function chooseBackup({ names, prefix }: Catalog, choice: Choice): ListedBackup {
  const backups = candidates(names, prefix, choice)
  const { id, before } = choice
  const found =
    id === undefined
      ? backups.find(({ time }) => before === undefined || time.getTime() < before.getTime())
      : backups.find((backup) => backup.id === id)
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

function candidates(names: Catalog['names'], prefix: string, { name, id }: Choice): readonly ListedBackup[] {
  const usable = ({ backups }: Catalog['names'][number]): readonly ListedBackup[] =>
    backups.filter(isRestorable)
  if (name !== undefined) return names.filter((each) => each.name === name).flatMap(usable)
  // An id is unlike any other, whatever its name.
  if (id !== undefined && isBackupId(id)) return names.flatMap(usable)
  const withBackups = names.filter((each) => usable(each).length > 0)
  if (withBackups.length > 1) {
    throw new LifeboatError(
      'input',
      `Under ${prefix} are backups of several names: ${withBackups.map((each) => each.name).join(', ')}.`,
      { hint: 'Say which with the input name, one step for each.' },
    )
  }
  return withBackups.flatMap(usable)
}
