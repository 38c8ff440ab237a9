/**
 * What an action wrote to `GITHUB_OUTPUT`, `GITHUB_STATE` or `GITHUB_ENV`: lines `name=value`, or
 * `name<<delimiter`, lines, `delimiter`. Throws where a runner would.
 */
export function parseCommandFile(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  const lines = text.split(/\r?\n/)
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    if (line === '') continue
    const heredoc = /^([^=]+?)<<(.+)$/.exec(line)
    const [, name, delimiter] = heredoc ?? []
    if (name !== undefined && delimiter !== undefined) {
      const end = lines.indexOf(delimiter)
      if (end < 0) throw new Error(`${name} has no closing delimiter ${delimiter}`)
      values[name] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n')
      continue
    }
    const equals = line.indexOf('=')
    if (equals < 1) throw new Error(`Not a line of a command file: ${line}`)
    values[line.slice(0, equals)] = line.slice(equals + 1)
  }
  return values
}
