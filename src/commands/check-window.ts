import type { ListedBackup } from '../catalog/listing.ts'
import { MOST_MANIFEST_BYTES, parseManifest, type Manifest } from '../catalog/manifest.ts'
import { MANIFEST_FILE, type BackupId } from '../catalog/names.ts'
import { WINDOW_MS } from '../catalog/watched.ts'
import { LifeboatError } from '../errors.ts'
import { readHeader } from '../pipeline/age/header.ts'
import type { Log } from '../catalog/ports.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import type { SeenArtifact } from '../watch/encryption.ts'
import { readRecords, type ReadRecords } from './check-records.ts'
import { readBeginning } from './read-beginning.ts'
import { condemns, readJudged, readTwice, sha256Of } from './second-reading.ts'
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
  readonly log: Pick<Log, 'notice' | 'warning'>
}

/** Reads what a listing cannot tell of one name. Throws what the store throws; what is damaged is told. */
export async function readWindow(
  { folder, backups }: { readonly folder: string; readonly backups: readonly ListedBackup[] },
  limits: ReadLimits,
  around: ReadingSurroundings,
): Promise<NameWindow> {
  const { store, now, signal, log } = around
  const damaged: { id: BackupId; what: string }[] = []
  const newer = new Set<BackupId>()
  const manifests = new Map<BackupId, ManifestFacts>()
  const hashes = new Map<BackupId, string>()
  await sideBySide(chosenManifests(backups, { most: limits.manifests, now }), AT_A_TIME, async (backup) => {
    signal.throwIfAborted()
    const key = `${folder}${backup.id}/${MANIFEST_FILE}`
    const facts = await readFacts(store, key, {
      log,
      saw: (sha256) => hashes.set(backup.id, sha256),
    })
    // Gone in the meantime: somebody prunes.
    if (facts === 'gone') return
    if (facts === 'newer') {
      newer.add(backup.id)
      return
    }
    if (!(facts instanceof LifeboatError)) manifests.set(backup.id, facts)
    const what = facts instanceof LifeboatError ? facts.message : contradiction(facts, backup)
    if (what !== undefined) damaged.push({ id: backup.id, what })
  })
  const seen = await seeHeaders(folder, backups.slice(0, limits.headers), { manifests, damaged }, around)
  const records = await readRecords(folder, backups, limits.records, { store, signal, manifests: hashes })
  return { manifests, seen, ...records, damaged, newer }
}

/** The facts, or what is wrong with them, which was read twice then. `newer`: a later Lifeboat wrote them. */
async function readFacts(
  store: ObjectStore,
  key: string,
  { log, saw }: { readonly log: ReadingSurroundings['log']; readonly saw: (sha256: string) => void },
): Promise<ManifestFacts | LifeboatError | 'newer' | 'gone'> {
  try {
    const read = { key, most: MOST_MANIFEST_BYTES, log }
    const { value } = await readJudged(store, read, (bytes) => {
      saw(sha256Of(bytes))
      return factsOf(parseManifest(bytes, key))
    })
    return value
  } catch (error) {
    if (error instanceof LifeboatError && error.code === 'newer') return 'newer'
    if (error instanceof LifeboatError && error.code === 'store-missing') return 'gone'
    if (condemns(error)) return error
    throw error
  }
}

function factsOf(manifest: Manifest): ManifestFacts {
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
  { store, signal, log }: ReadingSurroundings,
): Promise<SeenArtifact[]> {
  const artifacts = backups.flatMap(
    ({ id }) => manifests.get(id)?.artifacts.map((artifact) => ({ id, ...artifact })) ?? [],
  )
  const seen = await sideBySide(artifacts, AT_A_TIME, async ({ id, file, recipients }) => {
    signal.throwIfAborted()
    const wanted = recipients.length > 0
    const header = await seeHeaderTwice(store, `${folder}${id}/${file}`, { wanted, log })
    if (header === 'damaged') damaged.push({ id, what: `the age header of ${file} is damaged` })
    return header === undefined || header === 'damaged' ? [] : [{ id, file, header, claimed: recipients }]
  })
  return seen.flat()
}

/** What is not the header that the manifest speaks of is read twice. */
async function seeHeaderTwice(
  store: ObjectStore,
  key: string,
  { wanted, log }: { readonly wanted: boolean; readonly log: ReadingSurroundings['log'] },
): Promise<SeenArtifact['header'] | 'damaged' | undefined> {
  let header: Awaited<ReturnType<typeof seeHeader>>
  try {
    return await readTwice({ key, bytes: HEADER_BYTES[2], log }, async ({ fresh }) => {
      header = await seeHeader(store, key, fresh)
      if (header === 'damaged' || (header === 'plain' && wanted))
        throw new LifeboatError('damaged', `${key} does not begin as it should: ${header}.`)
      return header
    })
  } catch (error) {
    if (condemns(error)) return header
    throw error
  }
}

async function seeHeader(
  store: ObjectStore,
  key: string,
  fresh: boolean,
): Promise<SeenArtifact['header'] | 'damaged' | undefined> {
  for (const most of HEADER_BYTES) {
    const bytes = await readBeginning(store, key, most, { fresh })
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
