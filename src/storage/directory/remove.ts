import { rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PendingUpload } from '../object-store.ts'
import type { Removal } from '../prunable-store.ts'
import { codeOf, directoryFailure } from './failure.ts'
import { beginUpload, pathOf, unfinishedPath } from './paths.ts'
import { isMissing } from './walk.ts'

/** Removes a file, and its folder once that is empty: a backup's folder is its own, so nobody is about to write there. */
export async function removeFile(directory: string, key: string): Promise<Removal> {
  const path = pathOf(directory, key)
  try {
    await rm(path)
  } catch (error) {
    if (isMissing(error)) return { key, outcome: 'removed' }
    const code = codeOf(error)
    if (code === undefined) throw error
    return { key, outcome: 'failed', reason: `the file system refuses it (${code})` }
  }
  if (key.includes('/')) await removeEmpty(dirname(path))
  return { key, outcome: 'removed' }
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    // Something is still in it, or somebody was faster. What stays is an empty folder, which is no object.
    if (codeOf(error) === undefined) throw error
  }
}

/** When a write that has not ended last wrote something. */
export async function writeActivity(directory: string, upload: PendingUpload): Promise<Date | undefined> {
  try {
    return (await stat(unfinishedPath(directory, upload))).mtime
  } catch (error) {
    if (isMissing(error)) return undefined
    throw directoryFailure(error, directory, `cannot look at what a write of ${upload.key} left`)
  }
}

/** How far the clock that stamps files is ahead of ours, in milliseconds: on a network drive it is another machine's. */
export async function fileClockSkew(directory: string, random: string): Promise<number> {
  const path = unfinishedPath(directory, beginUpload('clock', new Date(), random))
  try {
    const before = Date.now()
    await writeFile(path, 'x', { mode: 0o600 })
    const after = Date.now()
    return (await stat(path)).mtimeMs - (before + after) / 2
  } catch (error) {
    throw directoryFailure(error, directory, 'cannot write a file to tell the time by')
  } finally {
    await rm(path, { force: true })
  }
}
