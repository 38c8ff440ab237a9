/** An error as the server's own log has it. */
export interface ServerError {
  /** SQLSTATE. */
  readonly state: string
  readonly message: string
  /** The source file that raised it: `aclchk.c`; `pl_exec.c` for what a function says in its own words. */
  readonly file: string
}

/** `2026-12-01 17:02:06.123 UTC [4711] ERROR:  42501: permission denied for table t`; whatever goes on begins with a tab. */
const HEADLINE = /^[^\t].*?\[\d+\] ([A-Z]+): {2}(.*)$/

/**
 * The errors in a server's log that was written with `log_error_verbosity = verbose`. Nothing that somebody else wrote
 * can stand at the beginning of a line there: the server puts a tab before every further line of a message.
 */
export function parseServerLog(text: string): ServerError[] {
  const errors: ServerError[] = []
  let open: { state: string; message: string } | undefined
  let further: ((line: string) => void) | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('\t')) {
      further?.(line.slice(1))
      continue
    }
    further = undefined
    const [, tag = '', words = ''] = HEADLINE.exec(line) ?? []
    if (['ERROR', 'FATAL', 'PANIC'].includes(tag)) {
      const [, state = '', message = ''] = /^([0-9A-Z]{5}): (.*)$/.exec(words) ?? []
      const error = { state, message }
      open = error
      further = (more) => {
        error.message += `\n${more}`
      }
    } else if (tag === 'LOCATION' && open) {
      errors.push({ ...open, file: /, (\S+):\d+$/.exec(words)?.[1] ?? '' })
      open = undefined
    }
  }
  return errors
}
