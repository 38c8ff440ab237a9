import { identifier } from './identifier.ts'

/** One statement of the globals, by what it does; `sql` is as it was written. */
export type GlobalStatement =
  | { readonly kind: 'create-role'; readonly role: string; readonly sql: string }
  | { readonly kind: 'comment-role' | 'role-setting'; readonly role: string; readonly sql: string }
  | { readonly kind: 'membership'; readonly role: string; readonly member: string; readonly sql: string }
  /** `rest` follows the database's name, with its own leading space. */
  | {
      readonly kind: 'database'
      readonly before: string
      readonly database: string
      readonly rest: string
      readonly sql: string
    }
  /** Of no kind that this version knows: never executed. */
  | { readonly kind: 'unread'; readonly sql: string }

const NAME = '"(?:[^"]|"")*"'
/** A backslash only where the server takes it for one whatever its settings are. */
const CONSTANT = `(?:'(?:[^'\\\\]|'')*'|E'(?:[^'\\\\]|''|\\\\.)*')`
const SETTING = `SET ${NAME}(?:\\.${NAME})* TO ${CONSTANT}(?:, ${CONSTANT})*`

const KINDS: readonly (readonly [RegExp, (match: RegExpExecArray) => GlobalStatement])[] = [
  [
    new RegExp(`^COMMENT ON ROLE (${NAME}) IS ${CONSTANT};$`, 's'),
    ([sql, role = '']) => ({ kind: 'comment-role', role: unquoted(role), sql }),
  ],
  [
    new RegExp(`^ALTER ROLE (${NAME}) ${SETTING};$`, 's'),
    ([sql, role = '']) => ({ kind: 'role-setting', role: unquoted(role), sql }),
  ],
  [
    new RegExp(`^GRANT (${NAME}) TO (${NAME})(?: WITH [A-Z, ]+)?;$`, 's'),
    ([sql, role = '', member = '']) => ({
      kind: 'membership',
      role: unquoted(role),
      member: unquoted(member),
      sql,
    }),
  ],
  [
    new RegExp(
      `^(ALTER DATABASE )(${NAME})( (?:OWNER TO ${NAME}|CONNECTION LIMIT -?\\d+|${SETTING}));$`,
      's',
    ),
    database,
  ],
  [new RegExp(`^(ALTER ROLE ${NAME} IN DATABASE )(${NAME})( ${SETTING});$`, 's'), database],
  [new RegExp(`^(COMMENT ON DATABASE )(${NAME})( IS ${CONSTANT});$`, 's'), database],
  [new RegExp(`^(REVOKE ALL ON DATABASE )(${NAME})( FROM (?:PUBLIC|${NAME}));$`, 's'), database],
  [
    new RegExp(`^(GRANT [A-Z]+ ON DATABASE )(${NAME})( TO (?:PUBLIC|${NAME})(?: WITH GRANT OPTION)?);$`, 's'),
    database,
  ],
]

/** What a role may be, each once or more: the words of `CREATE ROLE`, a number, a date. */
const ATTRIBUTES = `(?: (?:(?:NO)?(?:SUPERUSER|INHERIT|CREATEROLE|CREATEDB|LOGIN|REPLICATION|BYPASSRLS)|CONNECTION LIMIT -?\\d+|VALID UNTIL ${CONSTANT}))*`

/** A block that holds a statement as a constant: first the constant is read, then what it says. */
const BLOCK = new RegExp(`^DO (${CONSTANT});$`, 's')
const CREATE_ROLE = new RegExp(
  `^BEGIN CREATE ROLE (${NAME}) WITH${ATTRIBUTES}; EXCEPTION WHEN duplicate_object THEN NULL; END$`,
  's',
)

function createRole(sql: string): GlobalStatement | undefined {
  const [, constant] = BLOCK.exec(sql) ?? []
  const [, role] = constant === undefined ? [] : (CREATE_ROLE.exec(constantValue(constant)) ?? [])
  return role === undefined ? undefined : { kind: 'create-role', role: unquoted(role), sql }
}

function constantValue(constant: string): string {
  const [, escaped, body = ''] = /^(E?)'(.*)'$/s.exec(constant) ?? []
  const single = body.replaceAll("''", "'")
  return escaped === 'E' ? single.replace(/\\(.)/gs, '$1') : single
}

function database([sql, before = '', name = '', rest = '']: RegExpExecArray): GlobalStatement {
  return { kind: 'database', before, database: unquoted(name), rest, sql }
}

/**
 * Reads the globals of a backup. They are somebody's data, not a script: only statements of the known kinds are taken,
 * each a single one. One that is anything else costs itself only.
 */
export function parseGlobals(bytes: Uint8Array): GlobalStatement[] {
  return statementsOf(Buffer.from(bytes).toString('utf8')).map(readStatement)
}

function readStatement(sql: string): GlobalStatement {
  const role = createRole(sql)
  if (role) return role
  for (const [pattern, read] of KINDS) {
    const match = pattern.exec(sql)
    if (match) return read(match)
  }
  return { kind: 'unread', sql }
}

/** Statements of no known kind, as a sentence may name them; they may hold secrets. */
export function unreadStatements(statements: readonly GlobalStatement[]): string[] {
  return statements.flatMap(({ kind, sql }) =>
    kind === 'unread' ? [sql.length > 60 ? `${sql.slice(0, 60)}…` : sql] : [],
  )
}

/** The statement for another database than the one that it was written for. */
export function forDatabase(statement: Extract<GlobalStatement, { kind: 'database' }>, name: string): string {
  return `${statement.before}${identifier(name)}${statement.rest}`
}

/** One statement a line, but a name or a constant may hold line breaks. */
function statementsOf(text: string): string[] {
  const statements: string[] = []
  let start = 0
  let quote = ''
  let escapes = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (quote !== '') {
      if (escapes && character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if (character === "'" || character === '"') {
      quote = character
      escapes = character === "'" && text[at - 1] === 'E'
    } else if (character === '\n') {
      const statement = text.slice(start, at).trim()
      if (statement !== '') statements.push(statement)
      start = at + 1
    }
  }
  const last = text.slice(start).trim()
  return last === '' ? statements : [...statements, last]
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('""', '"')
}
