import { statfsSync } from 'node:fs'

const FOLDER = '/dev/shm'
const EVERY_MS = 250

/** Watches how many bytes of files there are in memory until the returned function tells the most that came on top. */
export function watchFilesInMemory(): () => number {
  const before = used()
  let most = before
  const timer = setInterval(() => (most = Math.max(most, used())), EVERY_MS)
  return () => {
    clearInterval(timer)
    return most - before
  }
}

function used(): number {
  const { blocks, bfree, bsize } = statfsSync(FOLDER)
  return (blocks - bfree) * bsize
}
