import { catalogReader, type Catalog, type ListedBackup } from '../catalog/listing.ts'
import { backupFolder, nameFolder } from '../catalog/names.ts'
import type { ObjectStore } from '../storage/object-store.ts'

/** One of two places that hold the same backups. */
export interface Side {
  readonly store: ObjectStore
  readonly prefix: string
}

/** What stands on one side, with the size of every object. */
export interface SideListing {
  readonly catalog: Catalog
  /** Bytes of an object; undefined where there is none. */
  size(backup: Pick<ListedBackup, 'name' | 'id'>, file: string): number | undefined
}

/** Lists one side, with nothing but list requests. */
export async function listSide(
  { store, prefix }: Side,
  name: string | undefined,
  signal: AbortSignal,
): Promise<SideListing> {
  const reader = catalogReader(prefix)
  const sizes = new Map<string, number>()
  for await (const object of store.list(name === undefined ? prefix : nameFolder(prefix, name))) {
    signal.throwIfAborted()
    reader.add(object)
    sizes.set(object.key, object.size)
  }
  return {
    catalog: reader.catalog(),
    size: (backup, file) => sizes.get(`${backupFolder(prefix, backup.name, backup.id)}${file}`),
  }
}

/** A backup here, and what there is of it on the other side. */
export interface BackupPair {
  readonly here: ListedBackup
  readonly there: ListedBackup | undefined
}

/** Every committed backup here with its counterpart, newest first: what is worth most is copied first. */
export function pairs(here: Catalog, there: Catalog): BackupPair[] {
  const others = new Map<string, ListedBackup>()
  for (const { backups, attempts } of there.names) {
    for (const folder of [...backups, ...attempts]) others.set(keyOf(folder), folder)
  }
  return here.names
    .flatMap(({ backups }) => backups)
    .map((backup) => ({ here: backup, there: others.get(keyOf(backup)) }))
    .sort((a, b) => b.here.time.getTime() - a.here.time.getTime())
}

function keyOf({ name, id }: ListedBackup): string {
  return `${id} ${name}`
}
