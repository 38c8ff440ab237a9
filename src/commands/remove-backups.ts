import { REMOVING_FILE } from '../catalog/files.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { backupFolder, MANIFEST_FILE } from '../catalog/names.ts'
import type { Clock, Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { PrunableStore } from '../storage/prunable-store.ts'
import { keyRemover, type KeyOutcome, type RemoveKeys } from './remove-keys.ts'
import { sideBySide } from './side-by-side.ts'

/** What became of one folder that was to be removed. */
export interface FolderOutcome {
  readonly folder: ListedBackup
  /**
   * `removed`: nothing of ours is left. `locked`: the store holds (part of) it back. `failed`: (part of) it could not be
   * removed. `kept`: an attempt that has a manifest after all. `unfinished`: the run broke off.
   */
  readonly outcome: 'removed' | 'locked' | 'failed' | 'kept' | 'unfinished'
  readonly reason?: string
}

export interface RemoveSurroundings {
  readonly store: PrunableStore
  readonly log: Log
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface RemoveSettings {
  readonly prefix: string
  /** Where the store keeps versions, removes them as well. */
  readonly deleteVersions: boolean
}

/** Folders that are worked on at a time: their manifests, and mostly their artifacts, make one batch. */
const GROUP = 200
const AT_A_TIME = 8

/**
 * Removes folders: backups and what is left of some, manifest first. Tells `onOutcome` of each, whatever happens; throws
 * what broke it off.
 */
export async function removeBackups(
  folders: readonly ListedBackup[],
  settings: RemoveSettings,
  around: RemoveSurroundings,
  onOutcome: (outcome: FolderOutcome) => void,
): Promise<void> {
  for (let at = 0; at < folders.length; at += GROUP) {
    around.signal.throwIfAborted()
    const group = folders.slice(at, at + GROUP)
    const told = new Set<ListedBackup>()
    try {
      await removeGroup(group, settings, around, (outcome) => {
        told.add(outcome.folder)
        onOutcome(outcome)
      })
    } catch (error) {
      for (const folder of group) if (!told.has(folder)) onOutcome({ folder, outcome: 'unfinished' })
      throw error
    }
  }
}

async function removeGroup(
  group: readonly ListedBackup[],
  { prefix, deleteVersions }: RemoveSettings,
  around: RemoveSurroundings,
  tell: (outcome: FolderOutcome) => void,
): Promise<void> {
  const { store, signal } = around
  const place = ({ name, id }: ListedBackup): string => backupFolder(prefix, name, id)
  const tombstone = (folder: ListedBackup): string => `${place(folder)}${REMOVING_FILE}`

  const late = await lateManifests(group, place, around)
  for (const folder of late)
    tell({ folder, outcome: 'kept', reason: 'it has a manifest, which the listing did not show yet' })
  const going = group.filter((folder) => !late.has(folder))

  await sideBySide(going, AT_A_TIME, (folder) => writeTombstone(folder, tombstone(folder), around))
  const remove = keyRemover(store, { deleteVersions, folders: going.map(place), signal })

  const committed = going.filter((folder) => folder.committed)
  const manifests = await remove(committed.map((folder) => `${place(folder)}${MANIFEST_FILE}`))
  const whole = committed.filter(
    (folder) => manifests.get(`${place(folder)}${MANIFEST_FILE}`)?.outcome !== 'removed',
  )
  // What still has its manifest is a backup like any other, and must not look like half of one.
  await remove(whole.map(tombstone))
  for (const folder of whole) tell(outcomeOf(folder, [manifests.get(`${place(folder)}${MANIFEST_FILE}`)]))

  const broken = going.filter((folder) => !whole.includes(folder))
  await removeRest(broken, { place, tombstone, remove }, tell)
}

async function removeRest(
  folders: readonly ListedBackup[],
  how: {
    readonly place: (folder: ListedBackup) => string
    readonly tombstone: (folder: ListedBackup) => string
    readonly remove: RemoveKeys
  },
  tell: (outcome: FolderOutcome) => void,
): Promise<void> {
  const keysOf = (folder: ListedBackup): string[] =>
    folder.files
      .filter((file) => file !== MANIFEST_FILE && file !== REMOVING_FILE)
      .map((file) => `${how.place(folder)}${file}`)
  const rest = await how.remove(folders.flatMap(keysOf))
  const results = new Map(folders.map((folder) => [folder, keysOf(folder).map((key) => rest.get(key))]))
  // The tombstone goes last: as long as anything is left, the next run knows what it was.
  const empty = folders.filter((folder) =>
    results.get(folder)?.every((result) => result?.outcome === 'removed'),
  )
  const last = await how.remove(empty.map(how.tombstone))
  for (const folder of folders) {
    tell(outcomeOf(folder, [...(results.get(folder) ?? []), ...optional(last.get(how.tombstone(folder)))]))
  }
}

function outcomeOf(folder: ListedBackup, results: readonly (KeyOutcome | undefined)[]): FolderOutcome {
  const failed = results.find((result) => result?.outcome === 'failed')
  const locked = results.find((result) => result?.outcome === 'locked')
  const worst = failed ?? locked
  if (!worst) return { folder, outcome: 'removed' }
  return { folder, outcome: worst.outcome, ...(worst.reason !== undefined && { reason: worst.reason }) }
}

function optional<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}

/** Attempts whose manifest is there when it is asked for by name: a listing can be late. */
async function lateManifests(
  group: readonly ListedBackup[],
  place: (folder: ListedBackup) => string,
  { store, signal }: RemoveSurroundings,
): Promise<ReadonlySet<ListedBackup>> {
  const attempts = group.filter(({ committed }) => !committed)
  const found = await sideBySide(attempts, AT_A_TIME, async (folder) => {
    signal.throwIfAborted()
    return (await store.head(`${place(folder)}${MANIFEST_FILE}`)) !== undefined
  })
  return new Set(attempts.filter((_, index) => found[index]))
}

async function writeTombstone(
  { id, removing }: ListedBackup,
  key: string,
  { store, clock, signal }: RemoveSurroundings,
): Promise<void> {
  if (removing) return
  const content = Buffer.from(`${JSON.stringify({ id, removing: clock.now().toISOString() })}\n`)
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(content)
  }
  for (let isSecond = false; ; isSecond = true) {
    try {
      await store.write(key, open, { expectedBytes: content.length, signal })
      return
    } catch (error) {
      const code = error instanceof LifeboatError ? error.code : undefined
      // Another prune is at it too; what it says is the same.
      if (code === 'store-conflict') return
      // Or that one has just ended, and took its mark away before this write had seen it.
      if (code !== 'store' || isSecond) throw error
    }
  }
}
