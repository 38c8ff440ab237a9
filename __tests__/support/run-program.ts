import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ProgramOptions {
  readonly input?: string | undefined
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly uid?: number | undefined
  readonly gid?: number | undefined
}

/** Standard output of a program that exits with 0; throws with what it said on standard error otherwise. */
export async function runProgram(
  command: string,
  args: readonly string[],
  { input, env, cwd, uid, gid }: ProgramOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  // A program that fails early closes its input; its exit code says why.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  await once(child, 'close')
  if (child.exitCode !== 0) {
    const said = Buffer.concat(err).toString().trim() || Buffer.concat(out).toString().trim()
    throw new Error(
      `${command} ended with ${child.signalCode ?? child.exitCode ?? 'nothing'}: ${said.slice(-4_000)}`,
    )
  }
  return Buffer.concat(out).toString()
}
