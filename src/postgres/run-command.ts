import { getExecOutput } from '@actions/exec'
import { LifeboatError } from '../errors.ts'
import { run } from '../pipeline/process.ts'
import { requireProgram } from '../pipeline/program.ts'

/** Runs a short command to its end and gives its standard output; throws `process` when it fails. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<string>

/** How long packages may take. */
const PATIENCE_MS = 1_800_000
/** How much of a failed command's complaint an error repeats. */
const COMPLAINT_CHARACTERS = 2_000

/**
 * For what ends by itself within a second and waits for nobody: nothing can stop it. `environment` is all that the
 * command sees of ours: our own holds secrets.
 */
export function commandRunner(environment: Readonly<Record<string, string>>): RunCommand {
  return async (command, args) => {
    const options = { env: { ...environment }, silent: true, ignoreReturnCode: true }
    const program = requireProgram(command, environment)
    const { exitCode, stdout, stderr } = await getExecOutput(program, [...args], options).catch(
      (cause: unknown) => {
        throw new LifeboatError('process', `${command} cannot be started.`, { cause })
      },
    )
    if (exitCode === 0) return stdout
    const complaint = (stderr.trim() || stdout.trim()).slice(-COMPLAINT_CHARACTERS)
    throw new LifeboatError('process', `${command} ended with exit code ${exitCode}: ${complaint}`)
  }
}

/** For what takes its time, or waits for others: ended by `signal`. `environment` as above. */
export function patientRunner(
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): RunCommand {
  return (command, args) => run(command, args, { env: environment, timeoutMs: PATIENCE_MS, signal })
}
