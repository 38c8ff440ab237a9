import { MANIFEST_FILE, parseKey, type BackupId } from './names.ts'

/** The committed backups of `name` among `keys`, newest first. What has no manifest is an attempt, and is not one. */
export function committedBackups(
  keys: Iterable<string>,
  { prefix, name }: { prefix: string; name: string },
): BackupId[] {
  const ids: BackupId[] = []
  for (const key of keys) {
    const parsed = parseKey(prefix, key)
    if (parsed?.name === name && parsed.file === MANIFEST_FILE) ids.push(parsed.id)
  }
  return ids.sort().reverse()
}
