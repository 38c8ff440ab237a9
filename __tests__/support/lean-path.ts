import { chmod, mkdtemp, readdir, symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { removeAtExit } from './remove-at-exit.ts'

/** A folder that programs are taken from, which none below the temporary one is. It goes when this process ends. */
export async function placeForPrograms(): Promise<string> {
  const folder = await mkdtemp(join(cacheFolder(), 'programs-'))
  await chmod(folder, 0o755)
  removeAtExit(folder)
  return folder
}

/** A folder with everything that is on PATH but `program`, as a machine has it where that is not installed. */
export async function pathWithout(program: string): Promise<string> {
  const folder = await placeForPrograms()
  // The first of a name is the one that is found.
  const seen = new Set([program])
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of await readdir(place).catch((): string[] => [])) {
      if (seen.has(name)) continue
      seen.add(name)
      await symlink(join(place, name), join(folder, name))
    }
  }
  return folder
}
