import { parseCompression } from '../../src/pipeline/compression.ts'
import { runAction, type ActionRun } from './contenders.ts'
import type { StoreSupply } from './stores.ts'

export const MEMORY_COMPRESSION = parseCompression('zstd:3')

/** Peaks of node while it backs up a dump of so many bytes. */
export interface MemoryRun {
  readonly dumpBytes: number
  readonly peakRss: number
  /** Most bytes of files in RUNNER_TEMP, the workspace, HOME and TMPDIR at any time. */
  readonly files: number
}

/** The limits that the issue of a flat memory is held to. */
export const MOST_RSS = 250e6
export const MOST_GROWTH = 0.2
/** Command files and a passfile, but nothing of the dump. */
export const MOST_FILES = 1e6

export async function measureMemory(stores: StoreSupply, dumpBytes: number): Promise<MemoryRun> {
  return memoryOf(await runAction(await stores.placeFor(dumpBytes / 3), MEMORY_COMPRESSION, 'digest'))
}

export function memoryOf({ plain, peaks }: ActionRun): MemoryRun {
  return { dumpBytes: plain, peakRss: peaks.rss, files: peaks.files }
}
