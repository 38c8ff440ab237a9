import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = '.github/workflows'
/** A workflow is a page or two; GitHub itself takes no more. */
const LARGEST = 1024 * 1024

/** The workflow files of the repository in `workspace`, by name; undefined where it has none. */
export async function readWorkflows(
  workspace: string,
): Promise<{ readonly path: string; readonly text: string }[] | undefined> {
  let names: string[]
  try {
    names = await readdir(join(workspace, FOLDER))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  const files = names.filter((name) => /\.ya?ml$/.test(name)).sort()
  return Promise.all(
    files.map(async (name) => {
      const path = `${FOLDER}/${name}`
      return { path, text: (await readFile(join(workspace, path), 'utf8')).slice(0, LARGEST) }
    }),
  )
}

/** A file of the repository; undefined where there is none. */
export async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
