import { parseCatalogFile } from '../catalog/files.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { MOST_MANIFEST_BYTES, parseManifest, type Manifest } from '../catalog/manifest.ts'
import { encodeName, MANIFEST_FILE } from '../catalog/names.ts'
import { notOfBackup } from '../catalog/own-record.ts'
import { MOST_RECORD_BYTES } from '../catalog/verification.ts'
import { LifeboatError } from '../errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { assertStands, backupCarrier, type CarrySurroundings } from './backup-carrier.ts'
import type { BackupPair } from './replica-side.ts'
import { condemns, readJudged, sha256Of } from './second-reading.ts'

/** What was done to bring one backup over; in a dry run, what would be. */
export interface CopiedBackup {
  /** `copied`: it was not there. `completed`: it was, and something of it was not. `whole`: nothing lacked. */
  readonly outcome: 'copied' | 'completed' | 'whole'
  /** Objects that were copied. */
  readonly objects: number
  readonly bytes: number
  /** Objects that stood there already, from a run before: read again there, and the same. */
  readonly resumed: number
  /** Artifacts that a backup there had lost. */
  readonly lost: readonly string[]
  /** Records that are not of this backup, which stay where they are: each with what is wrong with it. */
  readonly foreign: readonly string[]
}

/**
 * Brings one committed backup over: artifacts, each against the manifest's SHA-256; all of them seen there; the manifest;
 * verification records, details first, if they are of this manifest. Whatever stands there already has to be the same, and is never overwritten. Throws
 * `damaged`, `manifest` and `store-missing` for what stands here, `store-conflict` for what stands there.
 */
export async function copyBackup(
  { here, there }: BackupPair,
  around: CarrySurroundings,
): Promise<CopiedBackup> {
  const { from, to, log } = around
  const carrier = backupCarrier(here, around)
  const key = carrier.key(from, MANIFEST_FILE)
  const read = { key, most: MOST_MANIFEST_BYTES, log }
  const { bytes, value: manifest } = await readJudged(from.store, read, (found) =>
    ownManifest(parseManifest(found, key), here, key),
  )
  const lost: string[] = []
  if (there?.committed) {
    await assertStands(to.store, carrier.key(to, MANIFEST_FILE), bytes, log)
    for (const artifact of manifest.artifacts) {
      if (await carrier.bringLost(artifact)) lost.push(artifact.file)
    }
  } else {
    for (const artifact of manifest.artifacts) await carrier.bring(artifact)
    await carrier.commit(manifest, bytes)
  }
  // A record speaks of a backup that is there; its details come before it.
  const foreign: string[] = []
  const manifestSha256 = sha256Of(bytes)
  for (const { file, kind } of recordsOf(here)) {
    if (carrier.isThere(file) || kind === 'detail') {
      await carrier.bringRecord(file, undefined)
      continue
    }
    const sha256 = await ownRecord(from.store, { key: carrier.key(from, file), log }, (record) =>
      notOfBackup(record, file, { id: here.id, manifestSha256 }),
    )
    if (typeof sha256 === 'string') await carrier.bringRecord(file, sha256)
    else foreign.push(`${file} ${sha256.what}`)
  }
  const tally = carrier.tally()
  const outcome = !there?.committed ? 'copied' : tally.objects > 0 ? 'completed' : 'whole'
  return { outcome, ...tally, lost, foreign }
}

/** The SHA-256 of a record, or why it is none of this backup, which is read twice. */
async function ownRecord(
  store: ObjectStore,
  { key, log }: { readonly key: string; readonly log: CarrySurroundings['log'] },
  notOwn: (record: Buffer) => string | undefined,
): Promise<string | { readonly what: string }> {
  let what: string | undefined
  try {
    const { bytes } = await readJudged(store, { key, most: MOST_RECORD_BYTES, log }, (record) => {
      what = notOwn(record)
      if (what !== undefined) throw new LifeboatError('damaged', `${key} ${what}.`)
    })
    return sha256Of(bytes)
  } catch (error) {
    if (condemns(error)) return { what: what ?? 'is larger than any record' }
    throw error
  }
}

/** Details, then records: whoever sees a record finds what it names. */
function recordsOf({ name, files }: ListedBackup): { readonly file: string; readonly kind: string }[] {
  const kinds = files.map((file) => ({ file, kind: parseCatalogFile(file, encodeName(name))?.kind ?? '' }))
  const of = (wanted: string) => kinds.filter(({ kind }) => kind === wanted)
  return [...of('detail'), ...of('verification')]
}

function ownManifest(manifest: Manifest, { name, id }: ListedBackup, key: string): Manifest {
  if (manifest.id === id && manifest.name === name) return manifest
  throw new LifeboatError(
    'manifest',
    `${key} is the manifest of another backup, ${manifest.id} of "${manifest.name}".`,
    {
      hint: 'Somebody moved or copied folders by hand. It is not taken over into the replica.',
    },
  )
}
