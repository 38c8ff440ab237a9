import { mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/**
 * Where tests keep what they fetched, between runs: `.cache/` in the checkout, or the system's cache where a
 * database server that root starts as another user could not enter the checkout, or no program is taken from it.
 */
export function cacheFolder(): string {
  const checkout = resolve(import.meta.dirname, '../..')
  const root = process.getuid?.() === 0
  const serves = everybodyMayEnter(checkout) && !isTemporary(checkout)
  const folder = root && !serves ? '/var/cache/lifeboat-tests' : join(checkout, '.cache')
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return folder
}

function isTemporary(folder: string): boolean {
  return [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'].some((place) => folder.startsWith(`${place}/`))
}

function everybodyMayEnter(folder: string): boolean {
  const open = (statSync(folder).mode & 0o001) !== 0
  return open && (folder === dirname(folder) || everybodyMayEnter(dirname(folder)))
}
