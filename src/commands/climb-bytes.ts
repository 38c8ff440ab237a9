import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Artifact, ArtifactRole, Manifest } from '../catalog/manifest.ts'
import type { Log } from '../catalog/ports.ts'
import type { ProofMaterial } from '../catalog/proof.ts'
import type { Stopwatch } from '../catalog/stopwatch.ts'
import type { RungReport } from '../catalog/verification.ts'
import { LifeboatError } from '../errors.ts'
import { describeStanzas, readHeader, type StanzaKind } from '../pipeline/age/header.ts'
import { ageOpens } from '../pipeline/age/decrypt.ts'
import type { Ladder } from '../proof/ladder.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { gib, planDisk, type DiskPlan } from './disk-plan.ts'
import { checkArtifact, fetchArtifact, freeBytes } from './fetch-artifact.ts'
import { assertNotLonger, judged, openInto, openSmall, plainBytes, type Opening } from './open-artifact.ts'
import { storedArtifacts, type StoredArtifacts } from './stored-artifacts.ts'
import type { WorkingRoom } from './working-room.ts'

export interface ByteClimb {
  readonly folder: string
  readonly manifest: Manifest
  readonly settings: {
    readonly identities: readonly string[]
    readonly leastRecipients: number | undefined
    readonly negativeControl: boolean
    readonly stallMs: number
  }
  readonly store: ObjectStore
  readonly climb: Ladder
  readonly watch: Stopwatch
  readonly signal: AbortSignal
  readonly room: Pick<WorkingRoom, 'path' | 'memory' | 'needs'>
  readonly log: Log
}

/** A backup whose bytes were proved. */
export interface OpenedBackup {
  readonly material: Omit<ProofMaterial, 'manifest' | 'orphansBefore'>
}

/**
 * Rungs `stored`, `opened` and `unpacked`. Nothing looks into a byte before all of them have the recorded SHA-256.
 * Undefined where no identity is at hand: then the climb ends here.
 */
export async function climbBytes(work: ByteClimb): Promise<OpenedBackup | undefined> {
  const { folder, manifest, settings, store, climb, watch, signal, log } = work
  const { path: place, memory, needs } = work.room
  const dump = artifactOf(manifest, 'dump')
  if (!dump) throw new TypeError('the manifest was checked to have a dump')
  const free = await freeBytes(place)
  const plan = planDisk(needs, free)
  log.info(
    `${gib(needs.stored)} are stored, ${gib(needs.plain)} unpacked; ` +
      (memory === undefined
        ? `the disk has ${gib(free)} free: ${planWords(plan)}.`
        : `there is room for all of it in memory (${memory}).`),
  )
  watch.lap('prepare')

  await climb.climb('stored', async () => {
    for (const artifact of manifest.artifacts) {
      const options = { folder, artifact, signal, log }
      if (plan.fetch) await fetchArtifact(store, { ...options, path: join(place, artifact.file) })
      else await checkArtifact(store, options)
    }
    watch.lap('fetch')
    const count = manifest.artifacts.length
    return {
      outcome: 'passed',
      summary: `${count} objects, ${needs.stored} bytes, each with the recorded size and SHA-256.`,
    }
  })

  const stored = storedArtifacts(work, plan.fetch ? place : undefined)
  const { identities, stallMs } = settings
  const opening: Opening = { identities, signal, stallMs }
  await climb.climb('opened', () => openHeaders(work, stored))
  if (identities.length === 0 && dump.recipients.length > 0) return undefined

  let material: OpenedBackup['material'] | undefined
  await climb.climb('unpacked', async () => {
    const small = async (role: ArtifactRole): Promise<Buffer | undefined> => {
      const artifact = artifactOf(manifest, role)
      return artifact && stored.use(artifact, (bytes) => openSmall(artifact, bytes, opening))
    }
    const contents = await small('contents')
    if (contents === undefined)
      throw new LifeboatError('damaged', 'The manifest names no fingerprint (contents).')
    const globals = await small('globals')
    const path = join(place, 'archive')
    if (plan.unpack) await stored.use(dump, (bytes) => openInto(path, dump, bytes, opening))
    else await stored.use(dump, (bytes) => readThrough(dump, bytes, opening))
    if (settings.negativeControl) await flipByte(dump, stored.bytes(dump), opening)
    watch.lap('decrypt')
    material = {
      archive: plan.unpack
        ? { kind: 'file', path, done: () => rm(path, { force: true }) }
        : {
            kind: 'stream',
            open: (inside) => stored.plain(dump, { ...opening, signal: inside }),
          },
      contents,
      globals,
    }
    return {
      outcome: 'passed',
      summary:
        `Every artifact unpacks to the recorded size; the archive has ${dump.plainBytes} bytes.` +
        (settings.negativeControl ? ' A copy with one flipped byte was refused.' : ''),
    }
  })
  return material && { material }
}

function planWords({ fetch, unpack }: DiskPlan): string {
  if (unpack) return 'everything goes to disk'
  return fetch ? 'the archive is streamed' : 'the archive is fetched twice and streamed'
}

async function openHeaders({ manifest, settings }: ByteClimb, stored: StoredArtifacts): Promise<RungReport> {
  const { identities, leastRecipients } = settings
  const encrypted = manifest.artifacts.filter(({ recipients }) => recipients.length > 0)
  const least = leastRecipients ?? 0
  if (encrypted.length === 0) {
    if (least > 0) throw tooFew(0, least)
    return {
      outcome: 'passed',
      summary: 'The backup is NOT encrypted.',
      warnings: ['The backup is not encrypted.'],
    }
  }
  let kinds = ''
  for (const artifact of encrypted) {
    const stanzas = await stored.beginning(artifact, (beginning) =>
      openHeader(artifact, beginning, identities),
    )
    kinds = describeStanzas(stanzas)
    if (stanzas.length < least) throw tooFew(stanzas.length, least)
  }
  if (identities.length === 0) {
    return {
      outcome: 'not-measured',
      summary: `The headers are whole, for ${kinds}; whether a key opens them is NOT MEASURED: no identity was given.`,
    }
  }
  return {
    outcome: 'passed',
    summary: `An identity at hand opens every artifact, each encrypted for ${kinds}; whose the other keys are is the manifest's claim.`,
  }
}

/** Gives for whom it is encrypted. Throws `damaged`, and `identity` where none of `identities` opens it. */
async function openHeader(
  { file, recipients }: Artifact,
  beginning: Buffer,
  identities: readonly string[],
): Promise<readonly StanzaKind[]> {
  const header = readHeader(beginning)
  if (!header) throw new LifeboatError('damaged', `${file} ends in its age header.`)
  if (header.stanzas.length !== recipients.length) {
    throw new LifeboatError(
      'damaged',
      `${file} is encrypted to ${header.stanzas.length} recipients; the manifest names ${recipients.length}.`,
      { hint: 'It was encrypted by somebody else, or the manifest was changed. Find out who writes here.' },
    )
  }
  if (identities.length > 0) await ageOpens(identities, beginning)
  return header.stanzas
}

/** A matter of how backups are configured, not of this one's bytes. */
function tooFew(found: number, least: number): LifeboatError {
  return new LifeboatError(
    'guard',
    `The backup is encrypted to ${found} recipient(s); targets asks for ${least}.`,
    {
      hint: 'Add the offline recovery key to age-recipients of the backup step; the next backup is encrypted to it.',
    },
  )
}

/** Only the end of a stream says that all of it was genuine: so it is read once before anything restores it. */
async function readThrough(
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  opening: Opening,
): Promise<void> {
  let bytes = 0
  for await (const chunk of judged(artifact, plainBytes(artifact, stored, opening))) {
    bytes += chunk.length
    assertNotLonger(artifact, bytes)
  }
  if (bytes === artifact.plainBytes) return
  throw new LifeboatError(
    'damaged',
    `${artifact.file} unpacks to ${bytes} bytes; the manifest recorded ${artifact.plainBytes}.`,
  )
}

/** The negative control: a copy with one flipped byte must be refused, or the rung proves nothing. */
async function flipByte(
  artifact: Artifact,
  stored: AsyncIterable<Uint8Array>,
  opening: Opening,
): Promise<void> {
  const at = artifact.bytes - Math.ceil(artifact.bytes / 3)
  const damaged = (async function* () {
    let seen = 0
    for await (const chunk of stored) {
      const copy = Uint8Array.from(chunk)
      if (at >= seen && at < seen + copy.length) copy[at - seen] = (copy[at - seen] ?? 0) ^ 1
      seen += chunk.length
      yield copy
    }
  })()
  try {
    await readThrough(artifact, damaged, opening)
  } catch (error) {
    if (error instanceof LifeboatError && (error.code === 'damaged' || error.code === 'process')) return
    throw error
  }
  throw new LifeboatError('damaged', `A flipped byte in a copy of ${artifact.file} was not noticed.`, {
    hint:
      artifact.recipients.length === 0
        ? 'Without encryption only the SHA-256 finds such damage.'
        : 'Report this.',
  })
}

function artifactOf({ artifacts }: Manifest, role: ArtifactRole): Artifact | undefined {
  return artifacts.find((artifact) => artifact.role === role)
}
