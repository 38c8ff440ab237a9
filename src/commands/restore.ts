import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { backupBefore, chooseBackup, type Choice } from '../catalog/choose.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import type { Artifact, ArtifactRole, Manifest } from '../catalog/manifest.ts'
import { MOST_MANIFEST_BYTES, parseManifest } from '../catalog/manifest.ts'
import { backupFolder, encodeName, MANIFEST_FILE } from '../catalog/names.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import type { RestoreContext, RestoreOutcome, Restorer } from '../catalog/restorer.ts'
import { stopwatch } from '../catalog/stopwatch.ts'
import { LifeboatError } from '../errors.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { fetchArtifact, freeBytes } from './fetch-artifact.ts'
import { findForeign, openForeign } from './foreign-archive.ts'
import { fileBytes, openInto, openSmall, type Opening } from './open-artifact.ts'
import { readCatalog } from './read-catalog.ts'
import { readJudged } from './second-reading.ts'

export interface RestoreSettings {
  readonly prefix: string
  /** A backup, or, by its complete key, an archive that somebody else made. */
  readonly what:
    { readonly kind: 'backup'; readonly choice: Choice } | { readonly kind: 'key'; readonly key: string }
  readonly identities: readonly string[]
  readonly stallMs: number
}

export interface RestoreSurroundings {
  readonly store: PrunableStore
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** An existing directory of ours that nobody else can read. */
  readonly temporary: string
}

export interface Restored {
  /** Undefined for an archive without one. */
  readonly manifest: Manifest | undefined
  readonly outcome: RestoreOutcome
  /** Phase to duration, in seconds. */
  readonly seconds: Readonly<Record<string, number>>
}

/** Room for more than the recorded bytes: for lists, passfiles and what else the machine writes meanwhile. */
const SPARE_BYTES = 64 * 1024 * 1024

/**
 * Brings a backup back: look at where it goes, fetch, check, open, restore, compare. Nothing parses the archive before its
 * SHA-256 is the manifest's. What could not be restored is in the outcome; what ended the restore is thrown.
 */
export async function restore(
  settings: RestoreSettings,
  restorer: Restorer,
  around: RestoreSurroundings,
): Promise<Restored> {
  const watch = stopwatch(around.clock)
  const { log, clock, signal, temporary } = around
  const context: RestoreContext = { log, clock, watch, signal }
  const path = join(temporary, 'archive')
  if (settings.what.kind === 'key') {
    const found = await findForeign(around.store, settings.what.key, settings.identities)
    const prepared = await log.group('Where it goes', () => restorer.prepare(undefined, context))
    const opening = { ...settings, signal }
    await log.group('Fetch and open', () => openForeign(around.store, found, { path, log }, opening))
    watch.lap('fetch and open')
    const material = { manifest: undefined, archive: path, contents: undefined, globals: undefined }
    const outcome = await log.group('Restore', () => prepared.restore(material, context))
    return { manifest: undefined, outcome, seconds: watch.seconds() }
  }
  const { manifest, folder } = await findBackup(settings.what.choice, settings.prefix, around)
  log.info(`Backup ${manifest.id} of "${manifest.name}", as it was at ${manifest.snapshot.time}.`)
  assertOpenable(manifest, settings.identities)
  const prepared = await log.group('Where it goes', () => restorer.prepare(manifest, context))
  watch.lap('prepare')
  const material = await log.group('Fetch and open', async () => {
    await assertRoom(manifest, temporary)
    const open = artifactOpener({ manifest, folder }, settings, around)
    return { manifest, archive: path, ...(await open.small()), dump: await open.dump(path) }
  })
  watch.lap('fetch and open')
  const outcome = await log.group('Restore', () => prepared.restore(material, context))
  return { manifest, outcome, seconds: watch.seconds() }
}

export async function findBackup(
  choice: Choice,
  prefix: string,
  { store, signal, log }: Pick<RestoreSurroundings, 'store' | 'signal' | 'log'>,
): Promise<{ manifest: Manifest; folder: string }> {
  const catalog = await readCatalog(store, { prefix, name: choice.name }, signal)
  const backup = chooseBackup(catalog, choice)
  const folder = backupFolder(prefix, backup.name, backup.id)
  try {
    return { manifest: await readManifest(store, folder, backup, log), folder }
  } catch (error) {
    throw withWhatElse(error, { backup, folder, older: backupBefore(catalog, backup) })
  }
}

async function readManifest(
  store: PrunableStore,
  folder: string,
  { id, name }: ListedBackup,
  log: Log,
): Promise<Manifest> {
  const key = `${folder}${MANIFEST_FILE}`
  const { value } = await readJudged(store, { key, most: MOST_MANIFEST_BYTES, log }, (bytes) => {
    const manifest = parseManifest(bytes, key)
    if (manifest.id === id && manifest.name === name) return manifest
    throw new LifeboatError(
      'manifest',
      `${key} is the manifest of another backup: ${manifest.name} ${manifest.id}.`,
      { hint: 'Somebody moved or replaced it: find out who writes here.' },
    )
  })
  return value
}

/**
 * Nobody but a person decides to go back to an older backup, and to lose what was written since: so it is named, and
 * the way past the manifest too.
 */
function withWhatElse(
  error: unknown,
  { backup, folder, older }: { backup: ListedBackup; folder: string; older: ListedBackup | undefined },
): unknown {
  if (!(error instanceof LifeboatError) || !['damaged', 'newer', 'manifest'].includes(error.code))
    return error
  const dump = backup.files.find((file) => file.startsWith(`${encodeName(backup.name)}.dump`))
  const hints = [
    error.hint,
    'Nothing was touched.',
    older &&
      `The backup before it is ${older.id}, of ${older.time.toISOString()}: backup-id: ${older.id} restores it, without what was written since.`,
    dump &&
      `The dump of this one may be whole all the same: key: ${folder}${dump} restores it without its manifest, and then nothing is compared.`,
  ]
  return new LifeboatError(error.code, error.message, {
    hint: hints.filter((hint) => hint !== undefined).join(' '),
    cause: error.cause,
  })
}

/** Before anything is fetched, or a database made. */
export function assertOpenable({ artifacts, id }: Manifest, identities: readonly string[]): void {
  if (identities.length > 0 || artifacts.every(({ recipients }) => recipients.length === 0)) return
  throw new LifeboatError('identity', `Backup ${id} is encrypted, and no identity is given.`, {
    hint: 'Give the secret key (AGE-SECRET-KEY-…) as age-identities, or as AGE_IDENTITY in the environment.',
  })
}

async function assertRoom({ artifacts }: Manifest, folder: string): Promise<void> {
  const needed = artifacts.reduce((sum, { bytes, plainBytes }) => sum + bytes + plainBytes, SPARE_BYTES)
  const free = await freeBytes(folder)
  if (free >= needed) return
  throw new LifeboatError(
    'platform',
    `There are ${free} bytes free in ${folder}, and the archive takes ${needed}.`,
    {
      hint: 'Use a machine with more disk, or point RUNNER_TEMP (on a laptop TMPDIR) at a larger one.',
    },
  )
}

function artifactOpener(
  { manifest, folder }: { manifest: Manifest; folder: string },
  settings: RestoreSettings,
  { store, temporary, signal, log }: RestoreSurroundings,
) {
  const opening: Opening = { identities: settings.identities, signal, stallMs: settings.stallMs }
  const find = (role: ArtifactRole): Artifact | undefined =>
    manifest.artifacts.find((each) => each.role === role)
  const fetched = async <T>(artifact: Artifact, use: (path: string) => Promise<T>): Promise<T> => {
    const path = join(temporary, `stored-${artifact.role}`)
    try {
      await fetchArtifact(store, { folder, artifact, path, signal, log })
      log.info(`${artifact.file}: ${artifact.bytes} bytes fetched, SHA-256 as recorded.`)
      return await use(path)
    } finally {
      await rm(path, { force: true })
    }
  }
  const small = async (role: ArtifactRole): Promise<Buffer | undefined> => {
    const artifact = find(role)
    return artifact && (await fetched(artifact, (path) => openSmall(artifact, fileBytes(path), opening)))
  }
  return {
    small: async () => ({ contents: await small('contents'), globals: await small('globals') }),
    dump: async (path: string): Promise<Artifact> => {
      const artifact = find('dump')
      if (!artifact) throw new LifeboatError('manifest', `Backup ${manifest.id} has no dump.`)
      await fetched(artifact, (stored) => openInto(path, artifact, fileBytes(stored), opening))
      return artifact
    },
  }
}
