import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface StepPeaks {
  /** Most bytes that the process held at any time: the kernel's high-water mark. */
  readonly rss: number
  /** Most bytes of files in the watched folders at any time. */
  readonly files: number
}

const MEMORY_EVERY_MS = 50
const FILES_EVERY_MS = 500

/** Watches a process and folders until the returned function is called. */
export function watchStep(pid: number, folders: readonly string[]): () => Promise<StepPeaks> {
  let rss = 0
  let files = 0
  const look = (): void => {
    rss = highWater(pid) ?? rss
  }
  const measure = async (): Promise<void> => {
    const sizes = await Promise.all(folders.map(bytesIn))
    files = Math.max(
      files,
      sizes.reduce((sum, size) => sum + size, 0),
    )
  }
  let measuring = Promise.resolve()
  const memoryTimer = setInterval(look, MEMORY_EVERY_MS)
  const filesTimer = setInterval(() => {
    measuring = measuring.then(measure)
  }, FILES_EVERY_MS)
  return async () => {
    clearInterval(memoryTimer)
    clearInterval(filesTimer)
    await measuring
    return { rss, files }
  }
}

/** Undefined when the process is gone: the mark can only grow, so the last one seen is the highest. */
function highWater(pid: number): number | undefined {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return match ? Number(match[1]) * 1024 : undefined
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

async function bytesIn(folder: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(noneIfGone)) {
    if (!entry.isFile()) continue
    try {
      sum += (await stat(join(entry.parentPath, entry.name))).size
    } catch (error) {
      // Files come and go while they are counted.
      if (!isGone(error)) throw error
    }
  }
  return sum
}

function noneIfGone(error: unknown): [] {
  if (isGone(error)) return []
  throw error
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')
}
