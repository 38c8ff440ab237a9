import { isMap, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'

/** What stands in a file that somebody wrote by hand, and where. */
export interface Declared<T> {
  readonly data: T
  /** Line, from 1, of what stands at a path such as `['queries', 0]`. */
  readonly lineOf: (where: readonly PropertyKey[]) => number
}

/**
 * Reads YAML (JSON is YAML, too) and holds it against `schema`. Where it is wrong, throws what `invalid` makes of all
 * problems at once, each beginning with its line.
 */
export function parseDeclared<T>(
  text: string,
  schema: z.ZodType<T>,
  invalid: (problems: readonly string[]) => Error,
): Declared<T> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const syntax = document.errors.map(
    ({ pos, message }) => `line ${lines.linePos(pos[0]).line}: ${message.split('\n')[0] ?? ''}`,
  )
  if (syntax.length > 0) throw invalid(syntax)
  const lineOf = (where: readonly PropertyKey[]): number => lineAt(document, where, lines)
  const parsed = schema.safeParse(document.toJS() ?? {})
  if (parsed.success) return { data: parsed.data, lineOf }
  const problems = parsed.error.issues.map((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : undefined
    const where = unknown === undefined ? issue.path : [...issue.path, unknown]
    return `line ${lineOf(where)}: ${where.map(String).join('.') || 'the file'}: ${issue.message}`
  })
  throw invalid(problems)
}

/** Of the key where there is one, else of the value; of what is around it where it is not there. */
function lineAt(document: Document, where: readonly PropertyKey[], lines: LineCounter): number {
  for (let depth = where.length; depth > 0; depth--) {
    const last = where[depth - 1]
    const around: unknown = depth === 1 ? document.contents : document.getIn(where.slice(0, depth - 1), true)
    const key = isMap(around)
      ? around.items.find((pair) => String(pair.key) === String(last))?.key
      : undefined
    for (const node of [key, document.getIn(where.slice(0, depth), true)]) {
      const range = rangeOf(node)
      if (range !== undefined) return lines.linePos(range).line
    }
  }
  return 1
}

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined
  const [start] = node.range as unknown[]
  return typeof start === 'number' ? start : undefined
}
