import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it, for their owner only; one that is there already is fine. Node's own recursive
 * mkdir never returns where the system answers ENOENT below a folder that exists, as in /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  const refused = await attempt(path)
  if (refused?.code === 'ENOENT' && !(await isFolder(dirname(path)))) {
    await makeFolder(dirname(path))
    const again = await attempt(path)
    if (again) throw again
  } else if (refused) {
    throw refused
  }
}

async function attempt(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path, { mode: 0o700 })
    return undefined
  } catch (error) {
    const refusal = error as NodeJS.ErrnoException
    return refusal.code === 'EEXIST' && (await isFolder(path)) ? undefined : refusal
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
