import { parseCompression } from '../../src/pipeline/compression.ts'
import { runAction } from './contenders.ts'
import type { StoreSupply } from './stores.ts'

export const MEMORY_COMPRESSION = parseCompression('zstd:3')

/** The size of the parts that a database of about 150 GB gets, which is what the limit speaks of. */
export const LARGE_PARTS = '64MiB'

/** Peaks of node while it backs up a dump of so many bytes. */
export interface MemoryRun {
  readonly dumpBytes: number
  /** As `limits: part=` says it; undefined: as the database's size suggests. */
  readonly part: string | undefined
  readonly peakRss: number
  /** Most bytes of files in RUNNER_TEMP, the workspace, HOME and TMPDIR at any time. */
  readonly files: number
}

/** The limits that the issue of a flat memory is held to. */
export const MOST_RSS = 250e6
export const MOST_GROWTH = 0.2
/** Command files and a passfile, but nothing of the dump. */
export const MOST_FILES = 1e6

export async function measureMemory(
  stores: StoreSupply,
  dumpBytes: number,
  part?: string,
): Promise<MemoryRun> {
  const limits = part === undefined ? {} : { limits: `part=${part}` }
  const place = await stores.placeFor(dumpBytes / 3)
  const { plain, peaks } = await runAction(place, MEMORY_COMPRESSION, 'digest', limits)
  return { dumpBytes: plain, part, peakRss: peaks.rss, files: peaks.files }
}
