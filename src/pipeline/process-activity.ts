import { readFileSync } from 'node:fs'

/** What a process has done so far. */
export interface Activity {
  /** Bytes it asked to read and write: pipes, files and sockets alike. */
  readonly read: number
  readonly written: number
  /** Processor time in seconds. */
  readonly cpu: number
}

/** The kernel's unit of processor time in /proc is 1/100 s on every Linux that node runs on. */
const TICKS_PER_SECOND = 100

/** From /proc; undefined where there is none (macOS), where it may not be read, or when the process is gone. */
export function activityOf(pid: number): Activity | undefined {
  try {
    const io = readFileSync(`/proc/${pid}/io`, 'latin1')
    // The second field is the program's name in parentheses, which may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\)/s, '').trim().split(' ')
    const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])]
    const read = Number(/^rchar: (\d+)$/m.exec(io)?.[1])
    const written = Number(/^wchar: (\d+)$/m.exec(io)?.[1])
    return { read, written, cpu: (userTicks + systemTicks) / TICKS_PER_SECOND }
  } catch {
    return undefined
  }
}
