import { join } from 'node:path'
import { LifeboatError } from '../../errors.ts'
import type { PendingUpload } from '../object-store.ts'

/** What a write that has not ended is called: `.lifeboat-<begin>-<random>-<name>`. No object's name looks so. */
const UNFINISHED = /^\.lifeboat-([0-9a-z]{1,11})-([0-9a-f]{8})-(.+)$/s

/** The file of an object. Throws `input` when the key would lead out of the directory, or names no file. */
export function pathOf(directory: string, key: string): string {
  const segments = key.split('/')
  if (
    segments.some(
      (segment) => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'),
    )
  ) {
    throw new LifeboatError('input', `${JSON.stringify(key)} is no name for a file in ${directory}.`, {
      hint: 'Prefixes and names hold no empty parts, no "." and no "..".',
    })
  }
  if (segments.some((segment) => segment.startsWith('.lifeboat-'))) {
    throw new LifeboatError('input', `${JSON.stringify(key)} is a name that unfinished writes have.`)
  }
  return join(directory, ...segments)
}

/** The folder that holds every key with this prefix, as a key ending in `/`, or empty. */
export function folderOf(prefix: string): string {
  return prefix.slice(0, prefix.lastIndexOf('/') + 1)
}

/** `random`: eight lower-case hexadecimal digits. */
export function beginUpload(key: string, begin: Date, random: string): PendingUpload {
  return { key, uploadId: `${begin.getTime().toString(36)}-${random}`, initiated: begin }
}

/** The file in which a write is collected: beside the object, so that it can be linked there. */
export function unfinishedPath(directory: string, { key, uploadId }: PendingUpload): string {
  const at = key.lastIndexOf('/') + 1
  const name = `.lifeboat-${uploadId}-${key.slice(at)}`
  if (!UNFINISHED.test(name)) throw new TypeError(`not an upload id: ${uploadId}`)
  return join(pathOf(directory, `${key.slice(0, at)}x`), '..', name)
}

/** The write that a file named `name` in `folder` belongs to; undefined for every other file. */
export function parseUnfinished(folder: string, name: string): PendingUpload | undefined {
  const [, begin = '', random = '', rest = ''] = UNFINISHED.exec(name) ?? []
  return rest === '' ? undefined : beginUpload(`${folder}${rest}`, new Date(parseInt(begin, 36)), random)
}
