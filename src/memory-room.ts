import { statfs } from 'node:fs/promises'
import type { MemoryRoom } from './commands/working-room.ts'
import type { Reporter } from './report/reporter.ts'
import { makeTemporary } from './temporary.ts'

/** Where Linux has its file system in memory; nothing there is written to a disk but by swapping. */
const FOLDER = '/dev/shm'
/** `TMPFS_MAGIC` of statfs(2). */
const TMPFS = 0x01021994
/** Servers keep the memory that their processes share there too. */
const SHARE_OF_FREE = 1 / 2
/** The rest is for the programs that work on it. */
const SHARE_OF_MEMORY = 1 / 3

/**
 * The memory that a verification may keep its files in: `most` bytes, or as much as leaves the machine enough to work
 * with, never more than there is room for. Undefined where there is none.
 */
export async function memoryRoom(
  most: number | undefined,
  reporter: Pick<Reporter, 'saveState'>,
): Promise<MemoryRoom | undefined> {
  const found = await statfs(FOLDER).catch(() => undefined)
  if (found?.type !== TMPFS) return undefined
  const free = found.bavail * found.bsize
  return {
    folder: FOLDER,
    bytes: Math.min(free * SHARE_OF_FREE, most ?? process.availableMemory() * SHARE_OF_MEMORY),
    make: () => makeTemporary(FOLDER, reporter, 'memory'),
  }
}
