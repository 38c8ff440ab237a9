import { createHash } from 'node:crypto'
import { parseCatalogFile } from '../catalog/files.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { parseManifest, type Manifest } from '../catalog/manifest.ts'
import { encodeName, MANIFEST_FILE } from '../catalog/names.ts'
import { notOfBackup } from '../catalog/own-record.ts'
import { LifeboatError } from '../errors.ts'
import { backupCarrier, type CarrySurroundings } from './backup-carrier.ts'
import { clash } from './copy-object.ts'
import type { BackupPair } from './replica-side.ts'

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
  const { from, to } = around
  const carrier = backupCarrier(here, around)
  const key = carrier.key(from, MANIFEST_FILE)
  const bytes = await carrier.readWhole(from, MANIFEST_FILE)
  const manifest = parseManifest(bytes, key)
  assertOwn(manifest, here, key)
  const lost: string[] = []
  if (there?.committed) {
    if (!bytes.equals(await carrier.readWhole(to, MANIFEST_FILE))) {
      throw clash(to.store, carrier.key(to, MANIFEST_FILE))
    }
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
    const record = await carrier.readWhole(from, file)
    const what = notOfBackup(record, file, { id: here.id, manifestSha256 })
    if (what === undefined) await carrier.bringRecord(file, sha256Of(record))
    else foreign.push(`${file} ${what}`)
  }
  const tally = carrier.tally()
  const outcome = !there?.committed ? 'copied' : tally.objects > 0 ? 'completed' : 'whole'
  return { outcome, ...tally, lost, foreign }
}

/** Details, then records: whoever sees a record finds what it names. */
function recordsOf({ name, files }: ListedBackup): { readonly file: string; readonly kind: string }[] {
  const kinds = files.map((file) => ({ file, kind: parseCatalogFile(file, encodeName(name))?.kind ?? '' }))
  const of = (wanted: string) => kinds.filter(({ kind }) => kind === wanted)
  return [...of('detail'), ...of('verification')]
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function assertOwn(manifest: Manifest, { name, id }: ListedBackup, key: string): void {
  if (manifest.id === id && manifest.name === name) return
  throw new LifeboatError(
    'manifest',
    `${key} is the manifest of another backup, ${manifest.id} of "${manifest.name}".`,
    {
      hint: 'Somebody moved or copied folders by hand. It is not taken over into the replica.',
    },
  )
}
