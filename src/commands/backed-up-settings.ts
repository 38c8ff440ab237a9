import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact } from '../catalog/manifest.ts'
import type { SettingsReader, StoredSettings } from '../catalog/reindex.ts'
import { LifeboatError } from '../errors.ts'
import { fetchArtifact } from './fetch-artifact.ts'
import { fileBytes, judged, openSmall, plainBytes } from './open-artifact.ts'
import { assertOpenable, findBackup, type RestoreSurroundings } from './restore.ts'

/**
 * The settings of every index in the newest backup of search, by uid. Its SHA-256 is compared before anything looks into
 * it, and nothing of it is used before it was read to its end.
 */
export async function backedUpSettings(
  place: {
    readonly prefix: string
    readonly name: string | undefined
    readonly identities: readonly string[]
    readonly stallMs: number
  },
  read: SettingsReader,
  { store, log, signal, temporary }: RestoreSurroundings,
): Promise<ReadonlyMap<string, StoredSettings>> {
  const { prefix, name, identities, stallMs } = place
  const choice = { name, id: undefined, before: undefined }
  const { manifest, folder } = await findBackup(choice, prefix, { store, signal, log })
  assertOpenable(manifest, identities)
  const opening = { identities, signal, stallMs }
  const fetched = async <T>(artifact: Artifact, use: (path: string) => Promise<T>): Promise<T> => {
    const path = join(temporary, `stored-${artifact.role}`)
    try {
      await fetchArtifact(store, { folder, artifact, path, signal, log })
      return await use(path)
    } finally {
      await rm(path, { force: true })
    }
  }
  const find = (role: Artifact['role']): Artifact | undefined =>
    manifest.artifacts.find((each) => each.role === role)
  const dump = find('dump')
  if (!dump) throw new LifeboatError('manifest', `Backup ${manifest.id} has no dump.`)
  const recorded = find('contents')
  const contents =
    recorded && (await fetched(recorded, (path) => openSmall(recorded, fileBytes(path), opening)))
  const settings = await fetched(dump, (path) =>
    read(judged(dump, plainBytes(dump, fileBytes(path), opening)), contents),
  )
  log.info(
    `Settings of ${settings.size} indexes from backup ${manifest.id} of "${manifest.name}", as they were at ${manifest.snapshot.time}.`,
  )
  return settings
}
