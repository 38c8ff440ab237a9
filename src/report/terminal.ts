import type { LineWriter } from './log.ts'
import { harmless, logTo } from './log.ts'
import { redactor } from './redact.ts'
import type { Reporter } from './reporter.ts'

export interface TerminalOptions {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void
  /** Whether debug lines are shown. */
  readonly debug: boolean
  /** Called when something failed. */
  readonly onFailure: () => void
}

/** Reports to a terminal, or wherever `write` leads: no commands, no colours, no state. */
export function terminalReporter({ write, debug, onFailure }: TerminalOptions): Reporter {
  const masked = new Set<string>()
  let redactAll = redactor(masked)
  const redact = (text: string): string => redactAll(text)
  const writer = plainLines(write, { debug })
  const states = new Map<string, string>()
  return {
    log: logTo(writer, redact),
    redact,
    mask(secrets) {
      for (const secret of secrets) masked.add(secret)
      redactAll = redactor(masked)
    },
    fail({ headline, details }) {
      headline.forEach((line, index) => writer.write(index === 0 ? 'error' : 'info', harmless(line, redact)))
      for (const line of details) writer.write('info', harmless(line, redact))
      onFailure()
    },
    output: (name, value) => writer.write('info', harmless(`${name}: ${value}`, redact)),
    // Markdown is for browsers; what matters of it has been logged.
    summary: () => Promise.resolve(),
    saveState: (name, value) => void states.set(name, value),
    state: (name) => states.get(name) ?? '',
  }
}

/** Lines as people read them in a terminal; what stands in a chapter is indented. */
export function plainLines(write: (line: string) => void, { debug }: { debug: boolean }): LineWriter {
  let depth = 0
  const put = (line: string): void => write(`${'  '.repeat(depth)}${line}`)
  return {
    write(level, line) {
      if (level === 'debug' && !debug) return
      put(level === 'info' ? line : `${level}: ${line}`)
    },
    begin(title) {
      put(title)
      depth += 1
    },
    end() {
      depth -= 1
    },
  }
}
