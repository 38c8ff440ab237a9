import { z } from 'zod'
import { parseDeclared } from '../../catalog/declared-file.ts'
import type { IndexDeclaration, SettingsOrigin } from '../../catalog/reindex.ts'
import { LifeboatError } from '../../errors.ts'

const DEFAULT_TIMEOUT_MS = 600_000
const SPANS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }
const SETTINGS = ['settings', 'settings-file', 'settings-from'] as const

const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smh]$/, 'is no duration: write 90s, 10m or 1h')
  .transform((text) => Number(text.slice(0, -1)) * (SPANS[text.slice(-1)] ?? Number.NaN))
/** What Meilisearch takes. */
const uid = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,400}$/, 'is no uid of an index: letters, digits, - and _, at most 400')
const index = z
  .strictObject({
    uid,
    'primary-key': z.string().min(1),
    query: z.string().refine((text) => withoutEnd(text) !== '', 'is empty'),
    settings: z.record(z.string(), z.unknown()).optional(),
    'settings-file': z.string().min(1).optional(),
    'settings-from': z
      .string()
      .regex(/^backup(:[A-Za-z0-9_-]{1,400})?$/, 'is neither backup nor backup:<uid of an index>')
      .optional(),
    timeout: duration.optional(),
    'may-be-empty': z.boolean().default(false),
  })
  .refine((each) => SETTINGS.filter((name) => each[name] !== undefined).length === 1, {
    message: `needs exactly one of ${SETTINGS.join(', ')} (settings: {} for the defaults)`,
  })
const schema = z.strictObject({ indexes: z.array(index).min(1, 'names no index') })

/**
 * Reads a file that says which indexes of search are made of which queries; `path` is for messages. Throws `input`
 * that names the line of everything that is wrong.
 */
export function parseDeclarations(text: string, path: string): IndexDeclaration[] {
  const { data, lineOf } = parseDeclared(text, schema, (problems) => invalid(path, problems))
  const twice = data.indexes.flatMap((each, place) => {
    const first = data.indexes.findIndex((other) => other.uid === each.uid)
    return first === place
      ? []
      : [
          `line ${lineOf(['indexes', place])}: indexes.${place}.uid: "${each.uid}" stands in line ` +
            `${lineOf(['indexes', first])} already`,
        ]
  })
  if (twice.length > 0) throw invalid(path, twice)
  return data.indexes.map((each, place) => ({
    uid: each.uid,
    primaryKey: each['primary-key'],
    sql: withoutEnd(each.query),
    settings: settingsOf(each),
    timeoutMs: each.timeout ?? DEFAULT_TIMEOUT_MS,
    mayBeEmpty: each['may-be-empty'],
    line: lineOf(['indexes', place]),
  }))
}

function settingsOf(each: z.output<typeof index>): SettingsOrigin {
  if (each['settings-file'] !== undefined) return { kind: 'file', path: each['settings-file'] }
  const from = each['settings-from']
  if (from === undefined) return { kind: 'inline', settings: each.settings ?? {} }
  return { kind: 'backup', uid: from.includes(':') ? from.slice(from.indexOf(':') + 1) : each.uid }
}

/** A semicolon at the end is how everybody writes a query; the cursor's statement goes on behind it. */
function withoutEnd(sql: string): string {
  return sql.replace(/[\s;]+$/, '').trimStart()
}

function invalid(path: string, problems: readonly string[]): LifeboatError {
  return new LifeboatError(
    'input',
    [`The indexes declared in ${path} are not valid.`, ...problems].join('\n'),
    { hint: 'Correct the lines that are named; docs/reindex.md has an example of everything.' },
  )
}
