import * as core from '@actions/core'
import { failureSentence } from './failure.ts'
import type { LineWriter } from './log.ts'
import { harmless, logTo } from './log.ts'
import { maskable, redactor } from './redact.ts'
import type { Reporter } from './reporter.ts'

/**
 * Reports to a GitHub runner. Alone knows `@actions/core`. `env` is asked only whether there is a file for the
 * summary: outside a runner there is none.
 */
export function actionsReporter(env: Readonly<Record<string, string | undefined>>): Reporter {
  const masked = new Set<string>()
  let redactAll = redactor(masked)
  const redact = (text: string): string => redactAll(text)
  const log = logTo(workflowCommands, redact)
  return {
    log,
    redact,
    mask(secrets) {
      const known = new Set(maskable([...masked]))
      for (const line of new Set(maskable(secrets))) if (!known.has(line)) core.setSecret(line)
      for (const secret of secrets) masked.add(secret)
      redactAll = redactor(masked)
    },
    fail({ headline, details }) {
      // One annotation: a step may have ten, and its lines belong together.
      workflowCommands.write('error', headline.map((line) => harmless(line, redact)).join('\n'))
      for (const line of details) workflowCommands.write('info', harmless(line, redact))
      process.exitCode = core.ExitCode.Failure
    },
    output: (name, value) => core.setOutput(name, value),
    async summary(markdown) {
      if (!env.GITHUB_STEP_SUMMARY) return
      try {
        await core.summary.addRaw(markdown, true).write()
      } catch (error) {
        // What it would have said is in the log and in the outputs, and the run's result is what it is.
        log.warning(`The job's summary cannot be written: ${failureSentence(error)}`)
      }
    },
    saveState: (name, value) => core.saveState(name, value),
    state: (name) => core.getState(name),
  }
}

/** The job's OIDC token for `audience`, fresh. Never logged; good for some minutes. */
export function identityToken(audience: string): Promise<string> {
  return core.getIDToken(audience)
}

const workflowCommands: LineWriter = {
  write(level, line) {
    core[level](line)
  },
  begin: (title) => core.startGroup(title),
  end: () => core.endGroup(),
}
