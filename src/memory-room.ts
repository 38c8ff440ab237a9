import { randomUUID } from 'node:crypto'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
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
 * with, never more than there is room for. Undefined where there is none, or where nothing may be written there.
 */
export async function memoryRoom(
  most: number | undefined,
  reporter: Pick<Reporter, 'saveState'>,
  folder = FOLDER,
): Promise<MemoryRoom | undefined> {
  const found = await statfs(folder).catch(() => undefined)
  if (found?.type !== TMPFS || !(await takesFiles(folder))) return undefined
  const free = found.bavail * found.bsize
  return {
    folder,
    bytes: Math.min(free * SHARE_OF_FREE, most ?? process.availableMemory() * SHARE_OF_MEMORY),
    make: () => makeTemporary(folder, reporter, 'memory'),
  }
}

/** It may be there and read-only, another user's, or full to the last inode. Tried, as it will be used. */
async function takesFiles(folder: string): Promise<boolean> {
  const path = join(folder, `lifeboat-trial-${randomUUID()}`)
  try {
    await using file = await open(path, 'wx', 0o600)
    await file.write('lifeboat')
    return true
  } catch {
    // Whatever the reason is: the disk serves as well.
    return false
  } finally {
    await rm(path, { force: true }).catch(() => undefined)
  }
}
