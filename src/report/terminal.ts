import type { LineWriter } from './log.ts'
import { harmless, logTo } from './log.ts'
import { redactor } from './redact.ts'
import type { Reporter } from './reporter.ts'

export interface TerminalOptions {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void
  /** Takes the lines of a failure; without it they go where all others go. */
  readonly complain?: (line: string) => void
  /** Whether debug lines are shown. */
  readonly debug: boolean
  /** Called when something failed. */
  readonly onFailure: () => void
  /** A screen, where a line can be drawn again. */
  readonly redraw?: Screen
}

export interface Screen {
  readonly write: (text: string) => void
  readonly columns: () => number
}

/** Reports to a terminal, or wherever `write` leads: no commands, no colours, no state. */
export function terminalReporter(options: TerminalOptions): Reporter {
  const { debug, onFailure } = options
  const masked = new Set<string>()
  let redactAll = redactor(masked)
  const redact = (text: string): string => redactAll(text)
  const { write, complain, status } = linesOver(options)
  const writer = plainLines(write, { debug, ...(status && { status }) })
  const states = new Map<string, string>()
  return {
    log: logTo(writer, redact),
    redact,
    mask(secrets) {
      for (const secret of secrets) masked.add(secret)
      redactAll = redactor(masked)
    },
    fail({ headline, details }) {
      headline.forEach((line, index) => complain(`${index === 0 ? 'error: ' : ''}${harmless(line, redact)}`))
      for (const line of details) complain(harmless(line, redact))
      onFailure()
    },
    output(name, value) {
      // Lists are for programs; a person has read the lines.
      if (value !== '' && !value.startsWith('[')) writer.write('info', harmless(`${name}: ${value}`, redact))
    },
    // Markdown is for browsers; what matters of it has been logged.
    summary: () => Promise.resolve(),
    saveState: (name, value) => void states.set(name, value),
    state: (name) => states.get(name) ?? '',
  }
}

/** Lines as people read them in a terminal; what stands in a chapter is indented. */
export function plainLines(
  write: (line: string) => void,
  { debug, status }: { debug: boolean; status?: (line: string) => void },
): LineWriter {
  let depth = 0
  const indented = (line: string): string => `${'  '.repeat(depth)}${line}`
  const put = (line: string): void => write(indented(line))
  return {
    write(level, line) {
      if (level === 'debug' && !debug) return
      put(level === 'info' ? line : `${level}: ${line}`)
    },
    ...(status && { status: (line: string) => status(indented(line)) }),
    begin(title) {
      put(title)
      depth += 1
    },
    end() {
      depth -= 1
    },
  }
}

interface Lines {
  readonly write: (line: string) => void
  readonly complain: (line: string) => void
  readonly status?: (line: string) => void
}

/** Where there is a screen, a line that is drawn again and again stands below all others until one takes its place. */
function linesOver({ write, complain = write, redraw }: TerminalOptions): Lines {
  if (!redraw) return { write, complain }
  let isDrawn = false
  const over = (put: (line: string) => void) => (line: string) => {
    if (isDrawn) redraw.write('\r\u001b[K')
    isDrawn = false
    put(line)
  }
  return {
    write: over(write),
    complain: over(complain),
    status(line) {
      // A line that wraps could not be taken back.
      redraw.write(
        `\r\u001b[K${Array.from(line)
          .slice(0, Math.max(0, redraw.columns() - 1))
          .join('')}`,
      )
      isDrawn = true
    },
  }
}
