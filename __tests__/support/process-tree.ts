import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'

export interface SeenProcess {
  readonly pid: number
  readonly parent: number
  readonly name: string
  /** As everybody on the machine may read it. */
  readonly commandLine: string
  /** As its owner and root may read it. */
  readonly environment: string
}

/** The living descendants of `pid`, as `/proc` shows them. */
export async function descendantsOf(pid: number): Promise<SeenProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = (await Promise.all(pids.map(seen))).filter((process) => process !== undefined)
  const found = new Set([pid])
  for (let size = 0; size !== found.size;) {
    size = found.size
    for (const process of all) if (found.has(process.parent)) found.add(process.pid)
  }
  return all.filter((process) => process.pid !== pid && found.has(process.pid))
}

/**
 * Waits for a descendant whose command line matches: for one that stays until the caller has done with it, since what is
 * gone within milliseconds is never seen on a busy machine. Throws when `pid` ends first.
 */
export async function descendantOf(pid: number, commandLine: RegExp): Promise<SeenProcess> {
  for (;;) {
    const found = (await descendantsOf(pid)).find((process) => commandLine.test(process.commandLine))
    if (found) return found
    if (!existsSync(`/proc/${pid}`)) throw new Error(`Ended without a program ${String(commandLine)}.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Undefined when it is gone already. */
async function seen(pid: number): Promise<SeenProcess | undefined> {
  try {
    const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8')
    const status = await read('stat')
    // In this order: between fork and exec a child still has its parent's, and then it shows in the command line.
    const commandLine = await read('cmdline')
    const environment = await read('environ')
    const match = /^\d+ \((.*)\) \S (\d+)/s.exec(status)
    // A process that ends loses its command line before it leaves the table.
    if (!match || !commandLine) return undefined
    return {
      pid,
      parent: Number(match[2]),
      name: match[1] ?? '',
      commandLine: commandLine.replaceAll('\0', ' '),
      environment: environment.replaceAll('\0', '\n'),
    }
  } catch {
    return undefined
  }
}
