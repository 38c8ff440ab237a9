import { mkdtemp, rm } from 'node:fs/promises'
import { runProgram } from './run-program.ts'

/** A disk of its own, in memory, that holds so many bytes and no more. Takes root, or a sudo that asks for no password. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string
}

export async function smallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp('/tmp/lifeboat-disk-')
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const run = async (words: readonly string[]): Promise<void> => {
    const [command = '', ...args] = [...asRoot, ...words]
    await runProgram(command, args)
  }
  await run(['mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=1777`, 'lifeboat-test', folder])
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await run(['umount', folder])
      await rm(folder, { recursive: true })
    },
  }
}
