import type { Manifest } from '../catalog/manifest.ts'
import { totalsOf } from '../catalog/totals.ts'
import { LifeboatError } from '../errors.ts'

/** What a restore needs beside the archive, at least: an empty server (40 MiB) and its log. */
export const SPARE_BYTES = 128 * 1024 * 1024
/** A restored database is about as large as its plain dump; indexes come on top. */
const DATABASE_FACTOR = 1.3

/** Bytes that a verification writes. */
export interface RoomNeeds {
  readonly stored: number
  readonly plain: number
  /** The restored database; 0 where it is elsewhere. */
  readonly database: number
}

/** Where things go, decided before anything is fetched. */
export interface DiskPlan {
  readonly fetch: boolean
  readonly unpack: boolean
}

/** What the verification of this backup writes; `databaseHere`: it restores on this machine. */
export function roomNeeds(
  manifest: Manifest,
  { databaseHere }: { readonly databaseHere: boolean },
): RoomNeeds {
  const plain = manifest.artifacts.find(({ role }) => role === 'dump')?.plainBytes ?? 0
  return {
    stored: manifest.artifacts.reduce((sum, { bytes }) => sum + bytes, 0),
    plain,
    database: databaseHere ? Math.max(totalsOf(manifest).liveBytes, plain * DATABASE_FACTOR) : 0,
  }
}

/**
 * The stored objects, the plain archive and the restored database share the `free` bytes of a disk. What does not fit is
 * streamed; where not even the database fits nothing is fetched at all: `platform`.
 */
export function planDisk({ stored, plain, database }: RoomNeeds, free: number): DiskPlan {
  const room = free - SPARE_BYTES
  if (database > room) {
    throw new LifeboatError(
      'platform',
      `The disk has ${gib(free)} free; the restored database and its server need about ${gib(database + SPARE_BYTES)}.`,
      { hint: 'Use a runner with a larger disk, or give a server with room as target-database-url.' },
    )
  }
  return { fetch: stored + database <= room, unpack: stored + plain + database <= room }
}

/** `1.5 GiB`, for people. */
export function gib(bytes: number): string {
  return bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
