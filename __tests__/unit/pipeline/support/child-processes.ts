import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The processes whose parent we are, zombies included, as `name (state)`. */
export function childProcesses(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = /^\d+ \((.*)\) (\S) (\d+) /s.exec(statOf(pid))
      return stat?.[3] === String(process.pid) ? [`${stat[1] ?? ''} (${stat[2] ?? ''})`] : []
    })
}

/** How many pipes and sockets we hold. */
export function openPipes(): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => /^(pipe|socket):/.test(targetOf(descriptor)))
    .length
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return ''
  }
}

function targetOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return ''
  }
}
