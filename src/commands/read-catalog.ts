import { catalogReader, type Catalog, type NamedBackups } from '../catalog/listing.ts'
import { parseCatalogFile } from '../catalog/files.ts'
import { encodeName, nameFolder, parseKey } from '../catalog/names.ts'
import type { ListedUpload } from '../retention/attempts.ts'
import { DEAD_AFTER_MS } from '../retention/policy.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'

export interface Place {
  readonly prefix: string
  /** Only this name's; undefined: all. */
  readonly name: string | undefined
}

/** Lists what stands under the prefix, with nothing but list requests. */
export async function readCatalog(
  store: PrunableStore,
  { prefix, name }: Place,
  signal: AbortSignal,
): Promise<Catalog> {
  const reader = catalogReader(prefix)
  for await (const object of store.list(name === undefined ? prefix : nameFolder(prefix, name))) {
    signal.throwIfAborted()
    reader.add(object)
  }
  return reader.catalog()
}

/**
 * Unfinished uploads of the catalog's files. Only of those that began long ago is it asked when their newest part came:
 * the others are alive anyhow.
 */
export async function readUploads(
  store: PrunableStore,
  { prefix, name }: Place,
  { now, signal }: { now: Date; signal: AbortSignal },
): Promise<ListedUpload[]> {
  const found: ListedUpload[] = []
  for await (const upload of store.uploads(name === undefined ? prefix : nameFolder(prefix, name))) {
    signal.throwIfAborted()
    const { key, uploadId, initiated } = upload
    const parsed = parseKey(prefix, key)
    if (!parsed || !parseCatalogFile(parsed.file, encodeName(parsed.name))) continue
    const isOld = now.getTime() - initiated.getTime() > DEAD_AFTER_MS
    const lastActivity = isOld ? await store.lastActivity(upload) : initiated
    if (lastActivity) found.push({ name: parsed.name, id: parsed.id, key, uploadId, initiated, lastActivity })
  }
  return found
}

/** A name may have nothing in the store yet but an upload. */
export function withUploadsOnly(
  names: readonly NamedBackups[],
  uploads: readonly ListedUpload[],
): readonly NamedBackups[] {
  const known = new Set(names.map(({ name }) => name))
  const others = new Set(uploads.map(({ name }) => name).filter((name) => !known.has(name)))
  return [...names, ...[...others].sort().map((name) => ({ name, backups: [], attempts: [], newer: [] }))]
}
