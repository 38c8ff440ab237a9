import { writeFile } from 'node:fs/promises'
import type { Log } from '../catalog/ports.ts'
import { LifeboatError } from '../errors.ts'
import { failureSentence } from './failure.ts'

/** A file that an input asked for. */
export interface ReportFile {
  readonly path: string
  readonly content: string
}

/**
 * The end of a command: writes each of `files`, and only then throws what makes the step red. That is the first of
 * `failures`, what the command itself came to; the others, and files that cannot be written, are warnings beside it.
 * Without any, a file that cannot be written is thrown: `platform`.
 */
export async function endWith(
  failures: readonly Error[],
  files: readonly ReportFile[],
  log: Pick<Log, 'info' | 'warning'>,
): Promise<void> {
  const unwritten: LifeboatError[] = []
  for (const { path, content } of files) {
    try {
      await writeFile(path, content)
      log.info(`Report: ${path}`)
    } catch (cause) {
      unwritten.push(
        new LifeboatError('platform', `The report ${path} cannot be written.`, {
          hint: 'Look whether its folder exists and may be written.',
          cause,
        }),
      )
    }
  }
  const [first, ...others] = [...failures, ...unwritten]
  for (const error of others) log.warning(failureSentence(error))
  if (first !== undefined) throw first
}
