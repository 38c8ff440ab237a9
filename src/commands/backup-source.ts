import { committedBackups } from '../catalog/listing.ts'
import {
  MOST_MANIFEST_BYTES,
  parseManifest,
  renderManifest,
  type ArtifactRole,
  type Manifest,
} from '../catalog/manifest.ts'
import { backupFolder, backupId, FORMAT, MANIFEST_FILE, nameFolder } from '../catalog/names.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import type { Captured, Source } from '../catalog/source.ts'
import { LifeboatError, type ErrorCode } from '../errors.ts'
import type { Compression } from '../pipeline/compression.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { findShrinkage, type ShrinkFinding, type ShrinkLimits } from '../watch/shrink.ts'
import { artifactWriter, type ArtifactProgress } from './artifact-writer.ts'
import { readJudged } from './second-reading.ts'

export interface BackupSettings {
  readonly prefix: string
  readonly compression: Compression
  readonly recipients: readonly string[]
  readonly maxShrink: ShrinkLimits
  readonly stallMs: number
}

export interface BackupSurroundings {
  readonly store: ObjectStore
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Six lower-case hexadecimal digits, others at each call. */
  readonly random: () => string
  readonly progress: (role: ArtifactRole, sourceBytes: number) => ArtifactProgress
  /** The version of Lifeboat, and the run, for the manifest. */
  readonly lifeboat: string
  readonly run: Readonly<Record<string, string>>
}

/** One backup that exists. */
export interface CommittedBackup {
  readonly manifest: Manifest
  /** Where it lies, ending in `/`. */
  readonly folder: string
  readonly largest: Captured['largest']
  readonly waits: readonly string[]
  readonly findings: readonly ShrinkFinding[]
}

/**
 * Backs one source up: snapshot → artifacts → seen in the store → compared with the backup before → manifest. A
 * failure anywhere before the last step leaves an attempt without a manifest, which nothing ever counts.
 */
export async function backUpSource(
  source: Source,
  settings: BackupSettings,
  around: BackupSurroundings,
): Promise<CommittedBackup> {
  const { store, log, clock, signal } = around
  const { prefix, compression, recipients, stallMs } = settings
  const started = clock.now()
  const before = await newestManifest(store, prefix, source, { log })

  let id = ''
  let folder = ''
  const {
    facts,
    largest,
    waits = [],
  } = await source.capture({
    log,
    clock,
    signal,
    begin: (snapshotTime) => {
      id = backupId(snapshotTime, around.random())
      folder = backupFolder(prefix, source.name, id)
      log.info(`Backup ${id} of "${source.name}" goes to ${store.description}, ${folder}`)
      const { progress } = around
      return artifactWriter({ store, folder, name: source.name, compression, recipients, stallMs, progress })
    },
  })

  await assertStored(store, folder, facts.artifacts)
  const findings = before ? findShrinkage(facts, before, settings.maxShrink) : []
  for (const { text } of findings) log.warning(text)
  refuseShrunk(findings, folder)

  const manifest: Manifest = {
    ...facts,
    format: FORMAT,
    lifeboat: around.lifeboat,
    id,
    name: source.name,
    started: started.toISOString(),
    finished: clock.now().toISOString(),
    run: { ...around.run },
  }
  const content = renderManifest(manifest)
  await store.write(`${folder}${MANIFEST_FILE}`, () => one(content), {
    expectedBytes: content.length,
    signal,
  })
  log.info(`Committed: ${folder}${MANIFEST_FILE}`)
  return { manifest, folder, largest, waits, findings }
}

const UNUSABLE: readonly ErrorCode[] = ['damaged', 'newer', 'manifest', 'store-missing']

/** undefined when there is none, or none that can be read: a new backup must not fail for an old one's sake. */
async function newestManifest(
  store: ObjectStore,
  prefix: string,
  { name }: Source,
  { log }: { log: Log },
): Promise<Manifest | undefined> {
  try {
    const keys: string[] = []
    for await (const { key } of store.list(nameFolder(prefix, name))) keys.push(key)
    const [newest] = committedBackups(keys, { prefix, name })
    if (newest === undefined) {
      log.info(`This is the first backup of "${name}".`)
      return undefined
    }
    const key = `${backupFolder(prefix, name, newest)}${MANIFEST_FILE}`
    const { value } = await readJudged(store, { key, most: MOST_MANIFEST_BYTES, log }, (bytes) =>
      parseManifest(bytes, key),
    )
    return value
  } catch (error) {
    if (!(error instanceof LifeboatError && UNUSABLE.includes(error.code))) throw error
    log.warning(
      `NOT MEASURED: what changed since the backup before, because its manifest is not usable. ${error.message}`,
    )
    return undefined
  }
}

async function assertStored(
  store: ObjectStore,
  folder: string,
  artifacts: Manifest['artifacts'],
): Promise<void> {
  for (const { file, bytes } of artifacts) {
    const found = await store.head(`${folder}${file}`)
    if (found?.size === bytes) continue
    const seen = found ? `with ${found.size} bytes instead of ${bytes}` : 'not at all'
    throw new LifeboatError('store', `${folder}${file} was written, but the store shows it ${seen}.`, {
      hint: 'Does something else delete or change objects in this bucket? The backup does not count; run it again.',
    })
  }
}

function refuseShrunk(findings: readonly ShrinkFinding[], folder: string): void {
  const failures = findings.filter(({ severity }) => severity === 'failure')
  if (failures.length === 0) return
  throw new LifeboatError(
    'shrink',
    `The database lost more than max-shrink allows. ${failures.map(({ text }) => text).join(' ')}`,
    {
      hint:
        `If data is missing, keep the older backups: restore from one made before. If this is as it should be, run once ` +
        `without fail= in max-shrink. The dump itself is in ${folder}, without a manifest.`,
    },
  )
}

async function* one(content: Uint8Array): AsyncIterable<Uint8Array> {
  await Promise.resolve()
  yield content
}
