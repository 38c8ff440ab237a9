import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { node24 } from './node24.ts'

export interface CliResult {
  readonly exitCode: number | null
  readonly out: string
  readonly err: string
}

/** A bundle that somebody started by hand; `interrupt` is Ctrl+C. */
export interface RunningCli {
  readonly pid: number
  interrupt(): void
  finished(): Promise<CliResult>
}

/** Starts the bundle as on a laptop: flags, and an environment without a runner. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  const child = spawn(node24(), [resolve(import.meta.dirname, '../../dist/index.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...env },
  })
  const text = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk))
  const closed = once(child, 'close')
  return {
    pid: child.pid ?? 0,
    interrupt: () => void child.kill('SIGINT'),
    finished: async () => {
      await closed
      return { exitCode: child.exitCode, ...text }
    },
  }
}

export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return startCli(args, env).finished()
}
