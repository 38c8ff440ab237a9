import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Removes `folder` where the process leaves without having disposed of what is in it: `stop` is called first.
 * Nothing asynchronous runs any more then, so this waits, three seconds at most, while `busy` exists and until
 * the folder is gone for good. Gives what calls it off.
 */
export function removeAtExit(folder: string, stop: () => void = () => undefined, busy = ''): () => void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  const remove = (): void => {
    stop()
    for (let look = 0; look < 150 && existsSync(folder); look += 1) {
      // Node's own rmSync returns as if all were well when another process removes or adds files meanwhile.
      if (busy === '' || !existsSync(busy)) spawnSync('rm', ['-rf', folder], { stdio: 'ignore' })
      Atomics.wait(pause, 0, 0, 20)
    }
  }
  process.once('exit', remove)
  return () => {
    process.off('exit', remove)
  }
}
