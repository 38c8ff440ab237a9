import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where workflows stand: our own, and those to copy. */
const FOLDERS = ['.github/workflows', 'examples']

/** Paths of all workflows and examples of a checkout, relative to it. */
export function workflowFiles(checkout: string): readonly string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(checkout, folder))
      .filter((file) => /\.ya?ml$/.test(file))
      .sort()
      .map((file) => `${folder}/${file}`),
  )
}
