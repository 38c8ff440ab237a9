import type { RestoreFailure } from '../catalog/restorer.ts'
import { forDatabase, type GlobalStatement } from './globals-statements.ts'
import type { Session } from './session.ts'

type DatabaseStatement = Extract<GlobalStatement, { kind: 'database' }>

/**
 * Settings, grants, owner and comment of the database itself, for the one that is called `name` now, set from another:
 * some keep everybody out who comes after them. What the server refuses costs that statement, and is told.
 */
export async function setDatabaseItself(
  outside: Session,
  statements: readonly GlobalStatement[],
  name: string,
): Promise<RestoreFailure[]> {
  const refused: RestoreFailure[] = []
  for (const statement of statements.filter((each): each is DatabaseStatement => each.kind === 'database')) {
    const sql = forDatabase(statement, name)
    try {
      await outside.query(sql)
    } catch (error) {
      refused.push(withoutValue(sql, messageOf(error)))
    }
  }
  return refused
}

/** Settings may be secrets, and the server repeats a value that it does not take. */
function withoutValue(sql: string, reason: string): RestoreFailure {
  const [, what, value] = /^(ALTER .*? SET "(?:[^"]|"")*"(?:\."(?:[^"]|"")*")*) TO (.*);?$/s.exec(sql) ?? []
  if (what === undefined || value === undefined) return { what: sql, reason }
  const values = [...value.matchAll(/'((?:[^']|'')*)'/g)].flatMap(([, text = '']) => [
    text.replaceAll("''", "'").replaceAll('\\\\', '\\'),
  ])
  return {
    what,
    reason: values.reduce((said, each) => (each === '' ? said : said.replaceAll(each, '…')), reason),
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error)
}
