import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SPARE_BYTES, type RoomNeeds } from './disk-plan.ts'

/** A file system in memory. */
export interface MemoryRoom {
  readonly folder: string
  /** How many bytes may be taken of it, so that the machine keeps enough to work with. */
  readonly bytes: number
  /** Makes a folder of this run's own there, and remembers it for whoever comes after a kill. */
  make(): Promise<string>
}

/** Where a verification puts what it fetches and unpacks. Disposing of it removes that. */
export interface WorkingRoom extends AsyncDisposable {
  readonly needs: RoomNeeds
  /** Readable by nobody else. */
  readonly path: string
  /** The file system in memory that it is in, and that has room for the restored database too; undefined: on the disk. */
  readonly memory: string | undefined
}

/** In memory where all of it fits: there nothing is written to a disk only to be thrown away. Else in `temporary`. */
export async function workingRoom(
  needs: RoomNeeds,
  { memory, temporary }: { readonly memory: MemoryRoom | undefined; readonly temporary: string },
): Promise<WorkingRoom> {
  const { stored, plain, database } = needs
  const fitting = memory && stored + plain + database + SPARE_BYTES <= memory.bytes ? memory : undefined
  const path = fitting ? await fitting.make() : join(temporary, 'backup')
  if (!fitting) await mkdir(path, { mode: 0o700 })
  return {
    needs,
    path,
    memory: fitting?.folder,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
