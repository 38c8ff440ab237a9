import { z } from 'zod'
import { parseDeclared } from '../catalog/declared-file.ts'
import type { Expectations } from '../catalog/expectations.ts'
import { LifeboatError } from '../errors.ts'
import { httpProblem, shownAddress } from './http-address.ts'

const DEFAULT_TIMEOUT_MS = 60_000
const HTTP_TIMEOUT_MS = 30_000
const LONGEST_MS = 3_600_000
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
const span = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m)$/, 'is no duration: write 800ms, 2s or 1m')
  .transform(
    (text) =>
      Number.parseFloat(text) * ({ ms: 1, s: 1_000, m: 60_000 }[text.replace(/^[\d.]+/, '')] ?? Number.NaN),
  )
  .refine((ms) => ms > 0 && ms <= LONGEST_MS, 'is out of range: more than nothing, at most 60m')
const address = z.string().refine((text) => httpProblem(text) === undefined, {
  error: ({ input }) => httpProblem(String(input)) ?? '',
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
  http: z
    .array(
      z.strictObject({
        name: z.string().min(1).optional(),
        url: address,
        status: z.number().int().min(100).max(599).default(200),
        contains: z.string().min(1).max(10_000).optional(),
        'at-most': span.optional(),
        timeout: span.optional(),
      }),
    )
    .max(100)
    .default([]),
})

/**
 * Reads an expectations file; `path` is for messages. Throws `input` that names the line of everything that is wrong.
 */
export function parseExpectations(text: string, path: string): Expectations {
  const { data, lineOf } = parseDeclared(text, schema, (problems) => invalid(path, problems))
  const { tables, queries, freshness, references, http } = data
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
    http: http.map((each, index) => ({
      name: each.name ?? shownAddress(each.url),
      url: each.url,
      status: each.status,
      contains: each.contains,
      atMostMs: each['at-most'],
      timeoutMs: each.timeout ?? HTTP_TIMEOUT_MS,
      line: lineOf(['http', index]),
    })),
  }
}

function invalid(path: string, problems: readonly string[]): LifeboatError {
  return new LifeboatError('input', [`The expectations in ${path} are not valid.`, ...problems].join('\n'), {
    hint: 'Correct the lines that are named; docs/expectations.md has an example of everything.',
  })
}
