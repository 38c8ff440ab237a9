import type { Log } from '../../src/catalog/ports.ts'

/** A log that keeps its lines, each with its level. */
export function recordingLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const keep = (level: string) => (line: string) => void lines.push(`${level}: ${line}`)
  return {
    lines,
    info: keep('info'),
    notice: keep('notice'),
    warning: keep('warning'),
    debug: keep('debug'),
    group: (title, work) => {
      lines.push(`group: ${title}`)
      return work()
    },
  }
}
