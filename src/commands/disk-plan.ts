import { LifeboatError } from '../errors.ts'

/** What a restore needs beside the archive, at least: an empty server (40 MiB) and its log. */
const SPARE_BYTES = 128 * 1024 * 1024
/** A restored database is about as large as its plain dump; indexes come on top. */
export const DATABASE_FACTOR = 1.3

/** Where things go, decided before anything is fetched. */
export interface DiskPlan {
  readonly fetch: boolean
  readonly unpack: boolean
}

/**
 * The stored objects, the plain archive and the restored database share a disk (`database` 0: it is elsewhere). What
 * does not fit is streamed; where not even the database fits nothing is fetched at all: `platform`.
 */
export function planDisk(needs: { free: number; stored: number; plain: number; database: number }): DiskPlan {
  const { free, stored, plain, database } = needs
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
