import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { SYSTEM_PATH } from '../system-packages.mjs'
import { childrenProcessorTime } from './processor-time.ts'

export interface Timed {
  /** Wall time. */
  readonly seconds: number
  /** Processor seconds of all that the line started. */
  readonly processor: number
  /** What was printed, without the last newline. */
  readonly output: string
}

/**
 * Runs a line with bash, which fails when any part of its pipeline does, and takes its time. Programs are the
 * system's packages; those of PostgreSQL are the server's own, where `PG_BIN` names their folder. Throws with what
 * was said on standard error.
 */
export async function timedShell(
  line: string,
  environment: Readonly<Record<string, string>>,
): Promise<Timed> {
  const begun = performance.now()
  const before = childrenProcessorTime()
  const child = spawn('bash', ['-c', `set -o pipefail; ${line}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      LC_ALL: 'C.UTF-8',
      ...environment,
      // A newer age or aws of a developer's own must not stand in for what a runner has.
      PATH: [environment['PG_BIN'] ?? '', SYSTEM_PATH, process.env['PATH'] ?? '']
        .filter((folder) => folder !== '')
        .join(':'),
    },
  })
  let output = ''
  let complaint = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  await once(child, 'close')
  const seconds = (performance.now() - begun) / 1000
  if (child.exitCode !== 0) {
    throw new Error(
      `${line}\nended with ${child.signalCode ?? child.exitCode ?? '?'}:\n${complaint.slice(-4_000)}`,
    )
  }
  return { seconds, processor: childrenProcessorTime() - before, output: output.trim() }
}
