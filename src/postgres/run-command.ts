import { getExecOutput } from '@actions/exec'
import { LifeboatError } from '../errors.ts'

/** Runs a short command to its end and gives its standard output; throws `process` when it fails. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<string>

/** How much of a failed command's complaint an error repeats. */
const COMPLAINT_CHARACTERS = 2_000

/**
 * `environment` is all that the command sees of ours: our own holds secrets. For bytes that stream there is
 * `pipeline/flow.ts`; this one keeps the output in memory.
 */
export function commandRunner(environment: Readonly<Record<string, string>>): RunCommand {
  return async (command, args) => {
    const options = { env: { ...environment }, silent: true, ignoreReturnCode: true }
    const { exitCode, stdout, stderr } = await getExecOutput(command, [...args], options).catch(
      (cause: unknown) => {
        throw new LifeboatError('process', `${command} cannot be started.`, { cause })
      },
    )
    if (exitCode === 0) return stdout
    const complaint = (stderr.trim() || stdout.trim()).slice(-COMPLAINT_CHARACTERS)
    throw new LifeboatError('process', `${command} ended with exit code ${exitCode}: ${complaint}`)
  }
}
