import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from './run-program.ts'

export interface WaitingPgDump extends AsyncDisposable {
  /** For the input `pg-bin-dir`. */
  readonly binDir: string
  /** Lets the dump begin. Only once it waits: until then there is nobody to tell. */
  letGo(): Promise<void>
}

/**
 * A `pg_dump` that waits before it dumps, in the environment and under the command line that it dumps with: a test
 * can look at all programs of a pipeline, however fast the dump itself is.
 */
export async function waitingPgDump(realBinDir: string): Promise<WaitingPgDump> {
  const binDir = await mkdtemp(join(tmpdir(), 'lifeboat-waiting-'))
  const gate = join(binDir, 'gate')
  await runProgram('mkfifo', [gate])
  const program = join(binDir, 'pg_dump')
  await writeFile(
    program,
    `#!/bin/sh
case $1 in --version) ;; *) read -r go < '${gate}' ;; esac
exec '${join(realBinDir, 'pg_dump')}' "$@"
`,
  )
  await chmod(program, 0o755)
  return {
    binDir,
    letGo: () => writeFile(gate, 'go\n'),
    [Symbol.asyncDispose]: () => rm(binDir, { recursive: true, force: true }),
  }
}
