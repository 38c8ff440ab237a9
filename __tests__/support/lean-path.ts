import { readdir, symlink } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Fills `folder` with everything that is on PATH but `program`, as a machine has it where that is not installed. */
export async function pathWithout(program: string, folder: string): Promise<string> {
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
