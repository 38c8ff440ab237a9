import type { Choice } from '../catalog/choose.ts'
import { backupBefore, chooseBackup } from '../catalog/choose.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { MOST_MANIFEST_BYTES, parseManifest, type Manifest } from '../catalog/manifest.ts'
import { backupFolder, MANIFEST_FILE } from '../catalog/names.ts'
import { newer } from '../catalog/newer.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import type { PreparedProver, ProofMaterial, ProofTotals, Prover } from '../catalog/proof.ts'
import { stopwatch, type Stopwatch } from '../catalog/stopwatch.ts'
import { verdictOf, type RungReport } from '../catalog/verification.ts'
import type { VerificationOutcome } from '../catalog/verification-outcome.ts'
import { LifeboatError } from '../errors.ts'
import { ClimbEnded, ladder, type Ladder } from '../proof/ladder.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { climbBytes, type OpenedBackup } from './climb-bytes.ts'
import { roomNeeds } from './disk-plan.ts'
import { judgeTime, restoreSeconds } from './judge-time.ts'
import { readCatalog } from './read-catalog.ts'
import { lastRecord, recordVerification } from './record-verification.ts'
import { readJudged, sha256Of } from './second-reading.ts'
import { workingRoom, type MemoryRoom } from './working-room.ts'

export interface VerifySettings {
  readonly prefix: string
  readonly choice: Choice
  /** None: only what can be proved without a key. */
  readonly identities: readonly string[]
  /** The least number of recipients. */
  readonly leastRecipients: number | undefined
  /** The longest that a restore may take, in milliseconds. */
  readonly rtoMs: number | undefined
  readonly negativeControl: boolean
  readonly stallMs: number
  /** The database is restored on this machine's disk. */
  readonly databaseHere: boolean
}

export interface VerifySurroundings {
  readonly store: PrunableStore
  readonly prover: Prover
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
  /** A folder of this run's own, readable by nobody else. */
  readonly temporary: string
  /** Undefined where there is none. */
  readonly memory: MemoryRoom | undefined
  readonly lifeboat: string
  readonly run: Readonly<Record<string, string>>
}

/** Takes one backup up the verification ladder and records beside it what came of it. */
export async function restoreVerify(
  settings: VerifySettings,
  around: VerifySurroundings,
): Promise<VerificationOutcome> {
  const { store, log, clock, signal } = around
  const { prefix, choice } = settings
  const started = clock.now()
  const watch = stopwatch(clock)
  const catalog = await readCatalog(store, { prefix, name: choice.name }, signal)
  const backup = chooseBackup(catalog, choice)
  const folder = backupFolder(prefix, backup.name, backup.id)
  log.info(`Verifying backup ${backup.id} of "${backup.name}" in ${store.description}, ${folder}`)

  const older = backupBefore(catalog, backup)
  const climb = ladder({ log, clock })
  const state: Climbed = { begun: clock.elapsed() }
  let failure: unknown
  try {
    await climbAll(backup, folder, { settings, around, climb, watch, state })
  } catch (error) {
    if (!(error instanceof ClimbEnded)) failure = withReadable(error, older)
  }
  const verdict = verdictOf(climb.rungs)
  const outcome = {
    backup,
    older,
    folder,
    manifest: state.manifest,
    rungs: climb.rungs,
    verdict,
    withoutIdentity: state.withoutIdentity === true,
    totals: state.totals,
    seconds: watch.seconds(),
    rtoSeconds: state.rtoSeconds,
    notes: state.notes ?? [],
    failure,
  }
  // What is around a backup says nothing about it.
  const recorded =
    failure === undefined && state.manifestSha256 !== undefined
      ? await recordVerification(outcome, { ...around, started, manifestSha256: state.manifestSha256 })
      : undefined
  return { ...outcome, recordKey: recorded }
}

/** Which one this version may be able to read, where it cannot read the one that was meant. */
function withReadable(error: unknown, older: ListedBackup | undefined): unknown {
  if (!(error instanceof LifeboatError && error.code === 'newer') || !older) return error
  return newer(error.message, ` The one before is ${older.id}: verify it with backup-id: ${older.id}.`)
}

/** What is known so far. */
interface Climbed {
  readonly begun: number
  manifest?: Manifest
  manifestSha256?: string
  withoutIdentity?: boolean
  totals?: ProofTotals
  rtoSeconds?: number
  notes?: readonly string[]
}

interface Work {
  readonly settings: VerifySettings
  readonly around: VerifySurroundings
  readonly climb: Ladder
  readonly watch: Stopwatch
  readonly state: Climbed
}

async function climbAll(backup: ListedBackup, folder: string, work: Work): Promise<void> {
  const { settings, around, climb, watch, state } = work
  const { store, log, clock, signal } = around
  const manifest = await climbManifest(backup, folder, work)
  const encrypted = manifest.artifacts.some(({ recipients }) => recipients.length > 0)
  await using room = await workingRoom(roomNeeds(manifest, settings), around)
  const bytes = { folder, manifest, settings, store, climb, watch, signal, room, log }
  if (encrypted && settings.identities.length === 0) {
    state.withoutIdentity = true
    await climbBytes(bytes)
    return
  }
  // The server starts while the backup is fetched.
  const context = { log, clock, watch, signal, memory: room.memory }
  const preparing = around.prover.prepare(manifest, context)
  // Whoever fails first is told below; a server that came up meanwhile is ended there too.
  preparing.catch(() => undefined)
  let opened: OpenedBackup | undefined
  let prepared: PreparedProver | undefined
  try {
    opened = await climbBytes(bytes)
    prepared = await preparing
    state.notes = prepared.notes
    if (opened === undefined) return
    const records = { store, folder, warn: (message: string) => log.warning(message) }
    const before = await lastRecord(records, backup, state.manifestSha256 ?? '')
    const material: ProofMaterial = {
      ...opened.material,
      manifest,
      orphansBefore: before?.totals.orphans ?? undefined,
    }
    const begun = clock.elapsed()
    state.totals = await prepared.prove(material, {
      ...context,
      climb: (rung, what) => climb.climb(rung, what),
    })
    state.rtoSeconds = restoreSeconds(watch.seconds(), (clock.elapsed() - begun) / 1000)
    await climb.climb('time', () => Promise.resolve(judgeTime(state.rtoSeconds ?? 0, settings.rtoMs)))
  } finally {
    const last = prepared ?? (await preparing.catch(() => undefined))
    await last?.[Symbol.asyncDispose]()
  }
}

async function climbManifest(
  backup: ListedBackup,
  folder: string,
  { around: { store, log }, climb, state }: Work,
): Promise<Manifest> {
  const key = `${folder}${MANIFEST_FILE}`
  await climb.climb('manifest', async (): Promise<RungReport> => {
    const { value: manifest } = await readJudged(store, { key, most: MOST_MANIFEST_BYTES, log }, (bytes) => {
      state.manifestSha256 = sha256Of(bytes)
      return ownManifest(bytes, key, backup)
    })
    state.manifest = manifest
    const count = manifest.artifacts.length
    return { outcome: 'passed', summary: `The manifest is this backup's and names ${count} artifacts.` }
  })
  if (!state.manifest) throw new TypeError('a rung passed without a manifest')
  return state.manifest
}

/** Throws `damaged` or `manifest` where the bytes are no manifest of this backup. */
function ownManifest(bytes: Buffer, key: string, { id, name }: ListedBackup): Manifest {
  const manifest = parseManifest(bytes, key)
  if (manifest.id !== id || manifest.name !== name) {
    throw new LifeboatError(
      'damaged',
      `${key} is the manifest of another backup: ${manifest.id} of "${manifest.name}".`,
      { hint: 'Somebody replaced it. Find out who writes here; use another backup.' },
    )
  }
  if (!manifest.artifacts.some(({ role }) => role === 'dump')) {
    throw new LifeboatError('damaged', `${key} names no dump.`)
  }
  return manifest
}
