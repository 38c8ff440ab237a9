import type { Log } from '../catalog/ports.ts'
import { printable } from './printable.ts'

export type Level = 'info' | 'notice' | 'warning' | 'error' | 'debug'

/** Where lines end up. It is given only lines that are harmless and hold no secret. */
export interface LineWriter {
  write(level: Level, line: string): void
  /** Draws a line again that only the next one takes the place of; absent where that can't be done. */
  status?(line: string): void
  begin(title: string): void
  end(): void
}

export type Redact = (text: string) => string

/**
 * A log over `writer`: from every line its secrets are removed, then it is made harmless. A line break in it comes
 * from outside and is shown as one: nobody else's text gets a line of its own.
 */
export function logTo(writer: LineWriter, redact: Redact): Log {
  const put = (level: Level) => (line: string) => writer.write(level, harmless(line, redact))
  return {
    info: put('info'),
    notice: put('notice'),
    warning: put('warning'),
    debug: put('debug'),
    ...(writer.status && { status: (line: string) => writer.status?.(harmless(line, redact)) }),
    async group(title, work) {
      writer.begin(harmless(title, redact))
      try {
        return await work()
      } finally {
        writer.end()
      }
    },
  }
}

/** The one way from any text to a line that may be shown. */
export function harmless(line: string, redact: Redact): string {
  return printable(redact(line))
}
