import { type Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PendingUpload, StoredObject } from '../object-store.ts'
import { codeOf } from './failure.ts'
import { folderOf, parseUnfinished, pathOf } from './paths.ts'

type Found = { readonly object: StoredObject } | { readonly unfinished: PendingUpload }

/**
 * Every file whose key begins with `prefix`, in the order of keys (bytes), and what unfinished writes left behind.
 * Links are not followed: what they show is not ours.
 */
export async function* walk(directory: string, prefix: string): AsyncGenerator<Found> {
  const folder = folderOf(prefix)
  if (folder !== '') pathOf(directory, folder.slice(0, -1))
  yield* walkFolder(directory, folder, prefix)
}

async function* walkFolder(directory: string, folder: string, prefix: string): AsyncGenerator<Found> {
  for (const entry of await entries(join(directory, folder))) {
    const key = `${folder}${entry.name}`
    if (entry.isDirectory()) {
      if (`${key}/`.startsWith(prefix)) yield* walkFolder(directory, `${key}/`, prefix)
      continue
    }
    const unfinished = parseUnfinished(folder, entry.name)
    if (unfinished?.key.startsWith(prefix) === true) yield { unfinished }
    if (unfinished || !entry.isFile() || !key.startsWith(prefix)) continue
    const object = await lookAt(directory, key)
    if (object) yield { object }
  }
}

/** The object at `key`, or undefined when no file is there. */
export async function lookAt(directory: string, key: string): Promise<StoredObject | undefined> {
  try {
    const file = await stat(pathOf(directory, key))
    return file.isFile() ? { key, size: file.size, lastModified: file.mtime } : undefined
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')
}

/** In the order in which a store lists keys: `a.txt` before what is in `a/`, for `.` comes before `/`. */
async function entries(path: string): Promise<readonly Dirent[]> {
  try {
    const found = await readdir(path, { withFileTypes: true })
    return found.sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function sortKey(entry: Dirent): Buffer {
  return Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name)
}
