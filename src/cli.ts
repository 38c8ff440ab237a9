import { readFile } from 'node:fs/promises'
import { DESCRIPTIONS } from './cli/descriptions.ts'
import { parseFlags, type Typed } from './cli/flags.ts'
import { EXIT, helpLines } from './cli/help.ts'
import { LifeboatError } from './errors.ts'
import { COMMANDS } from './inputs.ts'
import { INPUTS } from './inputs/table.ts'
import type { Environment } from './inputs/given.ts'
import { runToItsEnd } from './main.ts'
import { inWords } from './postgres/query-failure.ts'
import { describeFailure } from './report/failure.ts'
import { terminalReporter } from './report/terminal.ts'
import { VERSION } from './version.ts'

/** What of the process the command line needs. */
export type Terminal = Pick<NodeJS.Process, 'env' | 'stdout' | 'stderr'> & {
  exitCode?: string | number | null | undefined
}

/**
 * The same bundle on a laptop, for when GitHub is down: `node index.js list --bucket shop-backups`. Sets the exit code
 * (see `EXIT`); without arguments that is help, and wrong usage. What it does goes to standard output, what failed to standard error.
 */
export async function cli(args: readonly string[], terminal: Terminal): Promise<void> {
  const { stdout, stderr, env } = terminal
  for (const stream of [stdout, stderr]) stream.on('error', unlessNobodyReads)
  const reporter = terminalReporter({
    write: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    debug: env['RUNNER_DEBUG'] === '1',
    onFailure: () => (terminal.exitCode = EXIT.failed),
    ...(stdout.isTTY && {
      redraw: { write: (text: string) => void stdout.write(text), columns: () => stdout.columns },
    }),
  })
  let typed: Typed
  let inputs: Environment = {}
  try {
    typed = parseFlags(args, INPUTS, env)
    if (typed.kind === 'run') inputs = await withFiles(typed)
  } catch (error) {
    reporter.fail(describeFailure(inWords(error)))
    terminal.exitCode = exitCodeOf(error)
    return
  }
  switch (typed.kind) {
    case 'version':
      reporter.log.info(VERSION)
      return
    case 'help': {
      const content = { version: VERSION, commands: COMMANDS, table: INPUTS, descriptions: DESCRIPTIONS }
      const width = stdout.isTTY ? stdout.columns : 100
      const asked = args.length > 0
      const to = asked ? stdout : stderr
      for (const line of helpLines(typed.command, { ...content, width })) to.write(`${line}\n`)
      if (!asked) terminal.exitCode = EXIT.usage
      return
    }
    case 'run': {
      const { failure } = await runToItsEnd(inputs, reporter)
      if (failure !== undefined) terminal.exitCode = exitCodeOf(failure)
    }
  }
}

/** `… | head` reads no further: that ends nothing, least of all a restore. */
function unlessNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

export function exitCodeOf(failure: unknown): number {
  if (!(failure instanceof LifeboatError)) return EXIT.failed
  if (failure.code === 'cancelled') return EXIT.cancelled
  return failure.code === 'input' ? EXIT.usage : EXIT.failed
}

async function withFiles({ env, files }: Extract<Typed, { kind: 'run' }>): Promise<Environment> {
  const read = files.map(async ({ flag, variable, path }) => {
    try {
      return [variable, (await readFile(path, 'utf8')).trim()] as const
    } catch (cause) {
      throw new LifeboatError('input', `${flag}: ${path} cannot be read.`, {
        hint: 'Look at the path and at who may read it.',
        cause,
      })
    }
  })
  return { ...env, ...Object.fromEntries(await Promise.all(read)) }
}
