import { createHash } from 'node:crypto'
import type { ListedBackup } from '../catalog/listing.ts'
import { parseManifest, type Manifest } from '../catalog/manifest.ts'
import { MANIFEST_FILE, type BackupId } from '../catalog/names.ts'
import { WINDOW_MS } from '../catalog/watched.ts'
import { LifeboatError } from '../errors.ts'
import { readHeader } from '../pipeline/age/header.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import type { SeenArtifact } from '../watch/encryption.ts'
import { readRecords, type ReadRecords } from './check-records.ts'
import { readBeginning } from './read-beginning.ts'
import { sideBySide } from './side-by-side.ts'

/** How many objects of one name are read, at most; where there are many names they share `MOST_OF_ALL`. */
const MOST_OF_ONE = { manifests: 30, headers: 5, records: 10 } as const
const MOST_OF_ALL = { manifests: 600, headers: 200, records: 300 } as const
const LEAST_OF_ONE = { manifests: 3, headers: 1, records: 2 } as const
/** Of the manifests, so many are of the newest backups; the others are spread over the last 30 days. */
const NEWEST = 8
const AT_A_TIME = 8

/** Most headers fit into the first; the longest that is read at all has room for 400 recipients of the largest kind. */
const HEADER_BYTES = [4 * 1024, 64 * 1024, 1024 * 1024] as const
const MANIFEST_BYTES = 64 * 2 ** 20
const AGE = 'age-encryption.org/v1'

/** What of a manifest is kept: many are read, and some are large. */
export interface ManifestFacts extends Pick<Manifest, 'artifacts' | 'recovery'> {
  readonly seconds: number
  readonly rows: number | undefined
  readonly documents: number | undefined
  readonly system: string | null
}

/** What was read of one name, beyond its listing. */
export interface NameWindow extends ReadRecords {
  readonly manifests: ReadonlyMap<BackupId, ManifestFacts>
  /** Newest backup first. */
  readonly seen: readonly SeenArtifact[]
  readonly damaged: readonly { readonly id: BackupId; readonly what: string }[]
  /** Written by a later Lifeboat: their manifests say what this version does not know. */
  readonly newer: ReadonlySet<BackupId>
}

/** How many backups' manifests and headers, and how many records, are read of each name. */
export type ReadLimits = Readonly<Record<keyof typeof MOST_OF_ONE, number>>

/** What may be read of each of so many names. */
export function shareOf(names: number): ReadLimits {
  const share = (kind: keyof ReadLimits): number =>
    Math.max(LEAST_OF_ONE[kind], Math.min(MOST_OF_ONE[kind], Math.floor(MOST_OF_ALL[kind] / names)))
  return { manifests: share('manifests'), headers: share('headers'), records: share('records') }
}

/**
 * The backups whose manifests are read: the newest, and of the others of the last 30 days as many as there is room for,
 * evenly spread. Newest first, as `backups` are.
 */
export function chosenManifests(
  backups: readonly ListedBackup[],
  { most, now }: { readonly most: number; readonly now: Date },
): ListedBackup[] {
  const newest = backups.slice(0, Math.min(NEWEST, most))
  const others = backups
    .slice(newest.length)
    .filter(({ time }) => now.getTime() - time.getTime() <= WINDOW_MS)
  const room = Math.min(most - newest.length, others.length)
  return [
    ...newest,
    ...Array.from(
      { length: room },
      (_, index) => others[Math.floor((index * others.length) / room)] ?? [],
    ).flat(),
  ]
}

export interface ReadingSurroundings {
  readonly store: ObjectStore
  readonly now: Date
  readonly signal: AbortSignal
}

/** Reads what a listing cannot tell of one name. Throws what the store throws; what is damaged is told. */
export async function readWindow(
  { folder, backups }: { readonly folder: string; readonly backups: readonly ListedBackup[] },
  limits: ReadLimits,
  around: ReadingSurroundings,
): Promise<NameWindow> {
  const { store, now, signal } = around
  const damaged: { id: BackupId; what: string }[] = []
  const newer = new Set<BackupId>()
  const manifests = new Map<BackupId, ManifestFacts>()
  const hashes = new Map<BackupId, string>()
  await sideBySide(chosenManifests(backups, { most: limits.manifests, now }), AT_A_TIME, async (backup) => {
    signal.throwIfAborted()
    const key = `${folder}${backup.id}/${MANIFEST_FILE}`
    const bytes = await readBeginning(store, key, MANIFEST_BYTES)
    // Gone in the meantime: somebody prunes.
    if (!bytes) return
    hashes.set(backup.id, createHash('sha256').update(bytes).digest('hex'))
    const facts = factsOf(bytes, key)
    if (facts === undefined) {
      newer.add(backup.id)
      return
    }
    if (typeof facts !== 'string') manifests.set(backup.id, facts)
    const what = typeof facts === 'string' ? facts : contradiction(facts, backup)
    if (what !== undefined) damaged.push({ id: backup.id, what })
  })
  const seen = await seeHeaders(folder, backups.slice(0, limits.headers), { manifests, damaged }, around)
  const records = await readRecords(folder, backups, limits.records, { store, signal, manifests: hashes })
  return { manifests, seen, ...records, damaged, newer }
}

/** The facts, or what is wrong with them; undefined where a later Lifeboat wrote them. */
function factsOf(bytes: Buffer, key: string): ManifestFacts | string | undefined {
  try {
    const manifest = parseManifest(bytes, key)
    const { artifacts, recovery, started, finished } = manifest
    const seconds = Math.max(0, (Date.parse(finished) - Date.parse(started)) / 1000)
    const shared = { artifacts, recovery, seconds }
    return manifest.source === 'postgres'
      ? {
          ...shared,
          rows: manifest.contents.rows ?? undefined,
          documents: undefined,
          system: manifest.server.systemIdentifier,
        }
      : { ...shared, rows: undefined, documents: manifest.contents.documents, system: null }
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'newer') return undefined
    if (error instanceof LifeboatError && error.code === 'damaged') return error.message
    throw error
  }
}

/** What a listing shows to be otherwise than the manifest says. */
function contradiction({ artifacts }: ManifestFacts, { files, bytes }: ListedBackup): string | undefined {
  const missing = artifacts.find(({ file }) => !files.includes(file))
  if (missing) return `${missing.file} is not there`
  const recorded = artifacts.reduce((sum, artifact) => sum + artifact.bytes, 0)
  return bytes < recorded
    ? `its objects have ${bytes} bytes together; the manifest recorded ${recorded}`
    : undefined
}

/** The beginnings of all artifacts of these backups. */
async function seeHeaders(
  folder: string,
  backups: readonly ListedBackup[],
  {
    manifests,
    damaged,
  }: { readonly manifests: NameWindow['manifests']; readonly damaged: { id: BackupId; what: string }[] },
  { store, signal }: ReadingSurroundings,
): Promise<SeenArtifact[]> {
  const artifacts = backups.flatMap(
    ({ id }) => manifests.get(id)?.artifacts.map((artifact) => ({ id, ...artifact })) ?? [],
  )
  const seen = await sideBySide(artifacts, AT_A_TIME, async ({ id, file, recipients }) => {
    signal.throwIfAborted()
    const header = await seeHeader(store, `${folder}${id}/${file}`)
    if (header === 'damaged') damaged.push({ id, what: `the age header of ${file} is damaged` })
    return header === undefined || header === 'damaged' ? [] : [{ id, file, header, claimed: recipients }]
  })
  return seen.flat()
}

async function seeHeader(
  store: ObjectStore,
  key: string,
): Promise<SeenArtifact['header'] | 'damaged' | undefined> {
  for (const most of HEADER_BYTES) {
    const bytes = await readBeginning(store, key, most)
    if (!bytes) return undefined
    try {
      const header = readHeader(bytes)
      if (header) return header.stanzas
      if (bytes.length < most) return 'damaged'
    } catch (error) {
      if (!(error instanceof LifeboatError && error.code === 'damaged')) throw error
      return bytes.toString('latin1', 0, AGE.length) === AGE ? 'damaged' : 'plain'
    }
  }
  return 'damaged'
}
