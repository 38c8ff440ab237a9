import { LifeboatError } from '../errors.ts'

/** Reads an absolute path of a folder, without a `/` at its end; `example` is shown where it is none. Throws `input`. */
export function folderLike(example: string): (text: string) => string {
  return (text) => {
    if (/^\/[^\0]*$/.test(text)) return text.replace(/(?<=.)\/+$/, '')
    throw new LifeboatError('input', 'is not an absolute path.', { hint: `Write for example ${example}.` })
  }
}

/** The folder of PostgreSQL's programs. */
export const parseProgramFolder = folderLike('/usr/lib/postgresql/17/bin')

/** Throws `input`. */
export function parseSwitch(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new LifeboatError('input', `"${text}" is neither true nor false.`)
}

/** What stands between commas and line breaks, without what is empty. */
export function listed(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** Patterns of what `only` restores; `example` is shown where there is none. Throws `input`. */
export function patternsLike(example: string): (text: string) => string[] {
  return (text) => {
    const patterns = listed(text)
    if (patterns.length > 0) return patterns
    throw new LifeboatError('input', 'names nothing.', { hint: `Write for example ${example}.` })
  }
}
