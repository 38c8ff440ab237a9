import { parseAuditKey, type AuditEntry } from './audit.ts'
import { addFile, emptyFolder, ownText, type FolderDraft, type NameDraft } from './folder-draft.ts'
import {
  decodeName,
  FORMAT,
  isBackupId,
  manifestFormat,
  ownFolder,
  parseKey,
  timeOf,
  type BackupId,
} from './names.ts'

/** The committed backups of `name` among `keys`, newest first. What has no manifest is an attempt, and is not one. */
export function committedBackups(
  keys: Iterable<string>,
  { prefix, name }: { prefix: string; name: string },
): BackupId[] {
  const formats = new Map<BackupId, number>()
  for (const key of keys) {
    const parsed = parseKey(prefix, key)
    const format = parsed?.name === name ? manifestFormat(parsed.file) : undefined
    if (parsed && format !== undefined) formats.set(parsed.id, Math.max(format, formats.get(parsed.id) ?? 0))
  }
  return [...formats]
    .flatMap(([id, format]) => (format === FORMAT ? [id] : []))
    .sort()
    .reverse()
}

/** An object as a listing shows it. */
export interface ListedObject {
  /** Complete, prefix included. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly lastModified: Date
}

/** A backup of a format that this version does not know: not read, not counted, not removed, not copied. */
export interface NewerBackup {
  readonly name: string
  readonly id: BackupId
  /** The snapshot's time, from the id. */
  readonly time: Date
  readonly format: number
}

/** One folder of a listing: a backup where it is committed, else an attempt or what is left of a backup. */
export interface ListedBackup {
  readonly name: string
  readonly id: BackupId
  /** The snapshot's time, from the id. */
  readonly time: Date
  /** It has a manifest. */
  readonly committed: boolean
  /** What the latest `ok` or `failed` record says; a `partial` one takes nothing away and gives nothing. */
  readonly verification: 'ok' | 'failed' | 'none'
  /** It has a verification record of any kind. */
  readonly recorded: boolean
  /** A prune began to remove it. */
  readonly removing: boolean
  /** Of all files of the catalog's in the folder. */
  readonly bytes: number
  /** When the newest of them was stored. */
  readonly lastActivity: Date
  /** Names of the catalog's files, without the folder. */
  readonly files: readonly string[]
  /** How many objects in the folder are not the catalog's. */
  readonly foreign: number
}

/** All that one name has in the store, newest first. */
export interface NamedBackups {
  readonly name: string
  readonly backups: readonly ListedBackup[]
  /** Folders without a manifest. */
  readonly attempts: readonly ListedBackup[]
  readonly newer: readonly NewerBackup[]
}

/** What a listing of `prefix` holds, names in the order of their characters. */
export interface Catalog {
  readonly prefix: string
  readonly names: readonly NamedBackups[]
  /** Objects under the prefix that are not the catalog's; Lifeboat's own records are not among them. */
  readonly foreign: number
  readonly objects: number
  /** Records of the audit trail; of a listing of one name there are none. */
  readonly trail: readonly AuditEntry[]
}

/** Groups a listing under `prefix`, in any order. What is not the catalog's is counted, and otherwise left alone. */
export function catalog(objects: Iterable<ListedObject>, prefix: string): Catalog {
  const reader = catalogReader(prefix)
  for (const object of objects) reader.add(object)
  return reader.catalog()
}

export interface CatalogReader {
  add(object: ListedObject): void
  /** Ends the reading: what was read is given away, to be held once. */
  catalog(): Catalog
}

/** `catalog` for a listing that arrives page by page, so that it need not be held twice. */
export function catalogReader(prefix: string): CatalogReader {
  const names = new Map<string, NameDraft | undefined>()
  const trail: AuditEntry[] = []
  const own = ownFolder(prefix)
  let foreign = 0
  let objects = 0
  // Keys of one folder follow each other: what is known of the last one is not found out again.
  let last: {
    readonly path: string
    readonly name: NameDraft | undefined
    readonly folder: FolderDraft | undefined
  } = {
    path: '',
    name: undefined,
    folder: undefined,
  }
  return {
    add({ key, size, lastModified }) {
      objects += 1
      const length = key.lastIndexOf('/') + 1
      if (last.path === '' || length !== last.path.length || !key.startsWith(last.path)) {
        const path = key.slice(0, length)
        last = { path, ...findFolder(names, prefix, path) }
      }
      const { name, folder } = last
      if (name && folder && addFile(folder, key.slice(length), name)) {
        folder.bytes += size
        folder.lastActivity = Math.max(folder.lastActivity, lastModified.getTime())
        return
      }
      if (folder) folder.foreign += 1
      if (!key.startsWith(own)) foreign += 1
      else {
        const entry = parseAuditKey(prefix, key)
        if (entry) trail.push(entry)
      }
    },
    catalog: () => ({
      prefix,
      names: [...names.values()]
        .filter((draft) => draft !== undefined)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(named),
      foreign,
      objects,
      trail,
    }),
  }
}

/** `path` is a key up to and with its last `/`. */
function findFolder(
  names: Map<string, NameDraft | undefined>,
  prefix: string,
  path: string,
): { name: NameDraft | undefined; folder: FolderDraft | undefined } {
  const none = { name: undefined, folder: undefined }
  if (!path.startsWith(prefix)) return none
  const [encoded = '', id = '', ...rest] = path.slice(prefix.length, -1).split('/')
  if (rest.length > 0 || !isBackupId(id)) return none
  if (!names.has(encoded)) {
    const decoded = decodeName(encoded)
    names.set(
      encoded,
      decoded === undefined
        ? undefined
        : { name: decoded, encoded: ownText(encoded), folders: new Map(), files: new Map() },
    )
  }
  const name = names.get(encoded)
  if (!name) return none
  let folder = name.folders.get(id)
  if (!folder) name.folders.set(ownText(id), (folder = emptyFolder()))
  return { name, folder }
}

function named({ name, folders }: NameDraft): NamedBackups {
  const backups: ListedBackup[] = []
  const attempts: ListedBackup[] = []
  const newer: NewerBackup[] = []
  for (const id of [...folders.keys()].sort().reverse()) {
    const folder = folders.get(id)
    // A folder with foreign objects only is not ours.
    if (!folder || folder.files.length === 0) continue
    folders.delete(id)
    if (folder.newer !== undefined) {
      newer.push({ name, id, time: timeOf(id), format: folder.newer })
      continue
    }
    const { committed, removing, recorded, bytes, foreign, verdict } = folder
    // An array that grew holds room for more.
    const files = folder.files.slice()
    const times = { time: timeOf(id), lastActivity: new Date(folder.lastActivity) }
    const listed = {
      name,
      id,
      ...times,
      committed,
      verification: verdict,
      recorded,
      removing,
      bytes,
      files,
      foreign,
    }
    const group = committed ? backups : attempts
    group.push(listed)
  }
  return { name, backups, attempts, newer }
}
