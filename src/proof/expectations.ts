import { isMap, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import type { Expectations } from '../catalog/expectations.ts'
import { LifeboatError } from '../errors.ts'

const DEFAULT_TIMEOUT_MS = 60_000
const SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smhd]$/, 'is no duration: write 90s, 30m, 26h or 8d')
  .transform((text) => Number(text.slice(0, -1)) * (SPANS[text.slice(-1)] ?? Number.NaN))
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const column = z.string().regex(/\../, 'is no column: write schema.table.column')

const query = z
  .strictObject({
    name: z.string().optional(),
    query: z.string().min(1),
    min: z.number().optional(),
    max: z.number().optional(),
    equals: scalar.optional(),
    timeout: duration.optional(),
  })
  .refine(({ min, max, equals }) => min !== undefined || max !== undefined || equals !== undefined, {
    message: 'expects nothing: add min, max or equals',
  })
const schema = z.strictObject({
  tables: z.array(z.string().min(1)).default([]),
  queries: z.array(query).default([]),
  freshness: z
    .array(z.strictObject({ column, 'at-most': duration, timeout: duration.optional() }))
    .default([]),
  references: z
    .array(
      z.strictObject({ from: column, to: column, 'max-orphans': z.number().int().nonnegative().default(0) }),
    )
    .default([]),
})

/**
 * Reads an expectations file; `path` is for messages. Throws `input` that names the line of everything that is wrong.
 */
export function parseExpectations(text: string, path: string): Expectations {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const syntax = document.errors.map(
    ({ pos, message }) => `line ${lines.linePos(pos[0]).line}: ${message.split('\n')[0] ?? ''}`,
  )
  if (syntax.length > 0) throw invalid(path, syntax)
  const lineOf = (where: readonly PropertyKey[]): number => lineAt(document, where, lines)
  const parsed = schema.safeParse(document.toJS() ?? {})
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const unknown = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : undefined
      const where = unknown === undefined ? issue.path : [...issue.path, unknown]
      return `line ${lineOf(where)}: ${where.map(String).join('.') || 'the file'}: ${issue.message}`
    })
    throw invalid(path, problems)
  }
  const { tables, queries, freshness, references } = parsed.data
  return {
    tables: tables.map((name, index) => ({ name, line: lineOf(['tables', index]) })),
    queries: queries.map((each, index) => ({
      name: each.name ?? each.query.replace(/\s+/g, ' ').slice(0, 80),
      sql: each.query,
      min: each.min,
      max: each.max,
      equals: each.equals,
      timeoutMs: each.timeout ?? DEFAULT_TIMEOUT_MS,
      line: lineOf(['queries', index]),
    })),
    freshness: freshness.map((each, index) => ({
      column: each.column,
      atMostMs: each['at-most'],
      timeoutMs: each.timeout ?? DEFAULT_TIMEOUT_MS,
      line: lineOf(['freshness', index]),
    })),
    references: references.map((each, index) => ({
      from: each.from,
      to: each.to,
      maxOrphans: each['max-orphans'],
      line: lineOf(['references', index]),
    })),
  }
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

function invalid(path: string, problems: readonly string[]): LifeboatError {
  return new LifeboatError('input', [`The expectations in ${path} are not valid.`, ...problems].join('\n'), {
    hint: 'Correct the lines that are named; docs/expectations.md has an example of everything.',
  })
}
