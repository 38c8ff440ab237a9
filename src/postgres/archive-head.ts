import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlainArchive } from '../catalog/proof.ts'
import { markOffsets, type Block } from './archive-offsets.ts'
import { endsInContents, parseArchive, readArchive, type TocEntry } from './table-of-contents.ts'

const FIRST_BYTES = 1024 * 1024
const LONGEST_TOC = 1024 * 1024 * 1024

export interface ArchiveHead {
  /** A file that begins like the archive and holds its table of contents. */
  readonly path: string
  readonly entries: readonly TocEntry[]
  /** By entry, where its rows are; of an archive that is streamed nobody knows. */
  readonly blocks: ReadonlyMap<number, Block>
}

/**
 * Reads an archive's table of contents; of one that is streamed a beginning is written into `folder`. One in a file is
 * made fit for several jobs: it learns where its tables begin.
 */
export async function headOf(
  archive: PlainArchive,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<ArchiveHead> {
  if (archive.kind === 'file') {
    const { path } = archive
    const { entries, layout } = await readArchive(path)
    return { path, entries, blocks: await markOffsets(path, layout) }
  }
  const path = join(folder, 'archive-head')
  for (let bytes = FIRST_BYTES; ; bytes *= 8) {
    const isAll = await writeHead(path, archive.open(signal), bytes)
    const head = parseArchive(await readFile(path))
    if (head) return { path, entries: head.entries, blocks: new Map() }
    if (isAll || bytes > LONGEST_TOC) throw endsInContents()
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
