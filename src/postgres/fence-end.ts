import { readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { LifeboatError } from '../errors.ts'
import { childEnvironment, run } from '../pipeline/process.ts'
import { END_ALL } from './fence-scripts.ts'
import { asRoot, becoming, type Fence } from './fence.ts'
import { livingProcesses } from './spare-id.ts'

/** In which a server ends its children and gives back its shared memory; then nobody is asked. */
const GENTLE_MS = 1_000
const HARD_MS = 5_000
const PAUSE_MS = 20
const LIMIT_MS = 20_000

/**
 * Ends everything that runs behind a fence and works in `folder`: of a user of its own all processes, whoever started
 * them and whatever session they made; of a namespace its first, with which the kernel ends the others. Throws
 * `platform` where something is left.
 */
export async function endFenced(fence: Fence, folder: string): Promise<void> {
  const living = (): Promise<number[]> =>
    fence.kind === 'own-user' ? processesOf(fence.id) : ourProcessesIn(folder)
  const left =
    (await endedBy('QUIT', fence, { living, limitMs: GENTLE_MS })) ||
    (await endedBy('KILL', fence, { living, limitMs: HARD_MS }))
  if (left) return
  throw new LifeboatError('platform', `What ran in ${folder} does not end: ${(await living()).join(', ')}.`, {
    hint: 'It waits in the kernel, for a disk that does not answer. End the processes with these numbers, then remove the folder.',
  })
}

/** Whether nothing is left within the limit. */
async function endedBy(
  name: 'QUIT' | 'KILL',
  fence: Fence,
  { living, limitMs }: { living: () => Promise<number[]>; limitMs: number },
): Promise<boolean> {
  const since = performance.now()
  let found = await living()
  if (found.length === 0) return true
  if (fence.kind === 'own-user') {
    const [command, ...args] = asRoot(fence, [...becoming(fence.id), 'sh', '-c', END_ALL, name])
    // A cancelled run has to clean up too.
    const { signal } = new AbortController()
    await run(command, args, { env: childEnvironment(), timeoutMs: LIMIT_MS, signal })
  } else {
    for (const pid of found) signalGently(pid, `SIG${name}`)
  }
  while (performance.now() - since < limitMs) {
    found = await living()
    if (found.length === 0) return true
    await sleep(PAUSE_MS)
  }
  return false
}

function signalGently(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function processesOf(id: number): Promise<number[]> {
  return (await livingProcesses()).filter(({ uids }) => uids.includes(id)).map(({ pid }) => pid)
}

/** Of our own user: whoever was started with a path in the folder, or stands in it. Never this process. */
async function ourProcessesIn(folder: string): Promise<number[]> {
  const ours = (await processesOf(process.getuid?.() ?? -1)).filter((pid) => pid !== process.pid)
  const found = await Promise.all(
    ours.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      return line.includes(`${folder}/`) || `${cwd}/`.startsWith(`${folder}/`) ? [pid] : []
    }),
  )
  return found.flat()
}
