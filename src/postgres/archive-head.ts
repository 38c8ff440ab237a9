import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlainArchive } from '../catalog/proof.ts'
import { listArchive, type RestoreProgram } from './restore-program.ts'

const FIRST_BYTES = 1024 * 1024
const LONGEST_TOC = 1024 * 1024 * 1024

/** A file that begins like the archive and holds its table of contents. */
export async function tocOf(archive: PlainArchive, program: RestoreProgram): Promise<string> {
  if (archive.kind === 'file') return archive.path
  const path = join(program.folder, 'archive-head')
  for (let bytes = FIRST_BYTES; ; bytes *= 8) {
    const all = await writeHead(path, archive.open(program.signal), bytes)
    try {
      await listArchive(path, program)
      return path
    } catch (error) {
      if (all || bytes > LONGEST_TOC) throw error
    }
  }
}

/** True when the archive is not longer. */
async function writeHead(path: string, bytes: AsyncIterable<Uint8Array>, most: number): Promise<boolean> {
  await rm(path, { force: true })
  await using file = await open(path, 'wx', 0o600)
  let written = 0
  for await (const chunk of bytes) {
    await file.write(chunk)
    written += chunk.length
    if (written >= most) return false
  }
  return true
}
