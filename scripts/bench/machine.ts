import { readFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { timedShell } from './shell.ts'

const VERSIONS = {
  PostgreSQL: 'pg_dump --version',
  xz: 'xz --version | head -n 1',
  zstd: 'zstd --version',
  age: 'age --version',
  aws: 'aws --version',
  radosgw: 'radosgw --version',
} as const

/** What the numbers were taken on, in a line for Markdown. */
export async function describeMachine(): Promise<string> {
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  const processors = cpus()
  const memory = `${(totalmem() / 1024 ** 3).toFixed(0)} GiB of memory`
  const versions = [`Node ${process.versions.node}`]
  for (const [name, line] of Object.entries(VERSIONS)) {
    const { output } = await timedShell(line, {})
    // Some say only "(devel)" or nothing but a number.
    versions.push(`${name} ${/\d+(?:\.\d+)+/.exec(output)?.[0] ?? 'of unknown version'}`)
  }
  const cores = `${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}`
  return `${cores}, ${memory}, ${system}; ${versions.join(', ')}.`
}

/** The mean number of processes that wanted to run in the last minute, the one that asks not counted. */
export function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1)
}
