import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Fence } from './fence.ts'

/** Whether what runs behind the fence can come as far as into `folder`: homes of runners are closed to others. */
export async function canEnter({ kind }: Fence, folder: string): Promise<boolean> {
  if (kind === 'own-user') return everybodyMayEnter(folder)
  return access(folder, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Whether a user who has nothing to do with it can come as far as into `folder`. */
export async function everybodyMayEnter(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  return folder === dirname(folder) || everybodyMayEnter(dirname(folder))
}
