import { REMOVING_FILE } from '../catalog/files.ts'
import type { ListedBackup } from '../catalog/listing.ts'
import { MOST_MANIFEST_BYTES, type Artifact, type Manifest } from '../catalog/manifest.ts'
import { backupFolder, MANIFEST_FILE } from '../catalog/names.ts'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import type { ObjectStore } from '../storage/object-store.ts'
import { assertSame, changed, clash, copyObject, type ObjectPair } from './copy-object.ts'
import type { Side, SideListing } from './replica-side.ts'
import { readJudged } from './second-reading.ts'

export interface CarrySurroundings {
  readonly from: ListedSide
  readonly to: ListedSide
  readonly signal: AbortSignal
  readonly log: Pick<Log, 'notice' | 'warning'>
  /** Nothing is written, only counted. */
  readonly dryRun: boolean
  /** Bytes that were read since the last call. */
  readonly onRead: (bytes: number) => void
  /** Gives what to tell of the bytes of one object that are acknowledged. */
  readonly onStored: () => (bytes: number) => void
}

export interface ListedSide extends Side {
  readonly listing: SideListing
}

/** Carries the objects of one backup from side to side, and counts them. */
export interface BackupCarrier {
  key(side: Side, file: string): string
  /** An artifact of a backup that is not committed there. */
  bring(artifact: Artifact): Promise<void>
  /** An artifact of a backup that is: true where it had gone. */
  bringLost(artifact: Artifact): Promise<boolean>
  /** Something of that name stands there. */
  isThere(file: string): boolean
  /** `sha256` of what was read of it already, where it was. */
  bringRecord(file: string, sha256: string | undefined): Promise<void>
  /** Sees every artifact there, and that nobody removes them, before the manifest says that the backup exists. */
  commit(manifest: Manifest, bytes: Buffer): Promise<void>
  tally(): { readonly objects: number; readonly bytes: number; readonly resumed: number }
}

export function backupCarrier(backup: ListedBackup, around: CarrySurroundings): BackupCarrier {
  const { from, to, signal, log, dryRun } = around
  let tally = { objects: 0, bytes: 0, resumed: 0 }
  const key = ({ prefix }: Side, file: string): string =>
    `${backupFolder(prefix, backup.name, backup.id)}${file}`
  const pair = (file: string): ObjectPair => ({
    from: from.store,
    fromKey: key(from, file),
    to: to.store,
    toKey: key(to, file),
  })
  const sizeThere = (file: string): number | undefined => to.listing.size(backup, file)

  /** Counts an object that was written, or, in a dry run, would be. */
  const counted = async (bytes: number, write: () => Promise<'copied' | 'there'>): Promise<void> => {
    const done = dryRun ? 'copied' : await write()
    tally =
      done === 'copied'
        ? { ...tally, objects: tally.objects + 1, bytes: tally.bytes + bytes }
        : { ...tally, resumed: tally.resumed + 1 }
  }
  const copy = (file: string, bytes: number, sha256: string | undefined): Promise<void> =>
    counted(bytes, () =>
      copyObject(pair(file), {
        bytes,
        sha256,
        signal,
        log,
        onRead: around.onRead,
        onStored: around.onStored(),
      }),
    )
  const refuseRemoval = async (): Promise<void> => {
    if ((await to.store.head(key(to, REMOVING_FILE))) !== undefined) throw beingRemoved(to.store, key(to, ''))
  }

  return {
    key,
    async bring({ file, bytes, sha256 }) {
      assertHere(from, backup, { file, bytes }, key(from, file))
      const size = sizeThere(file)
      if (size === undefined) {
        await copy(file, bytes, sha256)
        return
      }
      if (size !== bytes) throw clash(to.store, key(to, file))
      if (!dryRun) await assertSame(pair(file), { bytes, sha256, signal, log })
      tally = { ...tally, resumed: tally.resumed + 1 }
    },
    async bringLost({ file, bytes, sha256 }) {
      const size = sizeThere(file)
      if (size === bytes) return false
      if (size !== undefined) throw clash(to.store, key(to, file))
      assertHere(from, backup, { file, bytes }, key(from, file))
      await copy(file, bytes, sha256)
      return true
    },
    isThere: (file) => sizeThere(file) !== undefined,
    async bringRecord(file, sha256) {
      const size = from.listing.size(backup, file)
      if (size === undefined) throw new TypeError(`${file} was listed, and has no size`)
      const there = sizeThere(file)
      if (there === undefined) await copy(file, size, sha256)
      else if (there !== size) throw clash(to.store, key(to, file))
    },
    async commit({ artifacts }, bytes) {
      await counted(bytes.length, async () => {
        for (const artifact of artifacts) {
          const found = await to.store.head(key(to, artifact.file))
          if (found?.size !== artifact.bytes) throw notStored(to.store, key(to, artifact.file))
        }
        // A prune there that takes this for a dead attempt says so before it removes anything: looked for on both sides
        // of the moment in which the backup begins to exist.
        await refuseRemoval()
        const done = await writeManifest(to.store, key(to, MANIFEST_FILE), bytes, { signal, log })
        await refuseRemoval()
        return done
      })
    },
    tally: () => tally,
  }
}

async function writeManifest(
  store: ObjectStore,
  key: string,
  bytes: Buffer,
  { signal, log }: Pick<CarrySurroundings, 'signal' | 'log'>,
): Promise<'copied' | 'there'> {
  const one = async function* (): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes)
  }
  try {
    await store.write(key, one, { expectedBytes: bytes.length, signal })
    return 'copied'
  } catch (error) {
    if (!(error instanceof LifeboatError && error.code === 'store-conflict')) throw error
    await assertStands(store, key, bytes, log)
    return 'there'
  }
}

/** What the manifest names has to be here, before anything of it is sent. */
function assertHere(
  { store, listing }: ListedSide,
  backup: ListedBackup,
  { file, bytes }: Pick<Artifact, 'file' | 'bytes'>,
  key: string,
): void {
  const size = listing.size(backup, file)
  if (size === undefined) {
    throw new LifeboatError(
      'store-missing',
      `${store.description}: there is no ${key}, which the manifest names.`,
      {
        hint: 'It was removed after the backup was made. Find out who removes objects in the first store.',
      },
    )
  }
  if (size !== bytes) throw changed(store, key, `has ${size} bytes; the manifest recorded ${bytes}`)
}

function beingRemoved(store: ObjectStore, folder: string): LifeboatError {
  return new LifeboatError(
    'incomplete',
    `${store.description}: a prune removes ${folder} while it is copied there.`,
    {
      hint: 'Let the prune of the replica end, and run this again: it brings what lacks.',
    },
  )
}

function notStored(store: ObjectStore, key: string): LifeboatError {
  return new LifeboatError(
    'store',
    `${store.description}: ${key} was written, but is not there as it was written.`,
    {
      hint: 'Does something else delete or change objects in the replica? The copy does not count; run this again.',
    },
  )
}

/** Throws `store-conflict` where other bytes stand there, which is read twice. */
export async function assertStands(
  store: ObjectStore,
  key: string,
  bytes: Buffer,
  log: Pick<Log, 'notice' | 'warning'>,
): Promise<void> {
  const read = { key, most: MOST_MANIFEST_BYTES, log, isDoubtful: isClash }
  await readJudged(store, read, (found) => {
    if (!bytes.equals(found)) throw clash(store, key)
  })
}

function isClash({ code }: LifeboatError): boolean {
  return code === 'store-conflict' || code === 'damaged'
}
