import type { IndexDeclaration } from '../catalog/reindex.ts'
import { LifeboatError } from '../errors.ts'
import { identifier } from './identifier.ts'
import type { ValueType } from './json-value.ts'
import { underSearchPath } from './search-path.ts'
import { sqlState, type Result, type Session } from './session.ts'
import { loadTypes, type FoundType } from './value-types.ts'

/** A query whose columns make a document. */
export interface DescribedQuery {
  readonly columns: readonly { readonly name: string; readonly type: ValueType }[]
  /** Which of them is the primary key. */
  readonly keyColumn: number
}

/**
 * Asks what each query gives, without a row of it, in the transaction that is open: from then on its tables are locked
 * against being rewritten. Throws `input` with everything that is wrong, by line; a lock that was not granted in time
 * (`55P03`) passes through.
 */
export async function describeQueries(
  session: Session,
  declarations: readonly IndexDeclaration[],
  searchPath: readonly string[],
): Promise<ReadonlyMap<string, DescribedQuery>> {
  const problems: string[] = []
  const results = new Map<IndexDeclaration, Result>()
  for (const declaration of declarations) {
    const answer = await tryQuery(session, declaration, searchPath)
    if ('error' in answer) problems.push(`${label(declaration)}: ${answer.error}`)
    else results.set(declaration, answer)
  }
  const oids = [...results.values()].flatMap(({ columns }) => columns.map(({ typeOid }) => typeOid))
  const types = await loadTypes(session, oids)
  const described = new Map<string, DescribedQuery>()
  for (const [declaration, { columns }] of results) {
    const typed = columns.map(({ name, typeOid }) => ({ name, type: types.get(typeOid) }))
    const wrong = wrongColumns(declaration, typed)
    problems.push(...wrong.map((sentence) => `${label(declaration)}: ${sentence}`))
    const keyColumn = columns.findIndex(({ name }) => name === declaration.primaryKey)
    if (wrong.length === 0) {
      described.set(declaration.uid, { columns: typed as DescribedQuery['columns'], keyColumn })
    }
  }
  if (problems.length === 0) return described
  throw new LifeboatError(
    'input',
    ['Queries of the declared indexes are not valid; nothing was touched.', ...problems].join('\n'),
    { hint: 'Correct the queries of the lines that are named, and try them in psql.' },
  )
}

/** In a savepoint: after an error the other queries are tried, too. */
async function tryQuery(
  session: Session,
  { sql }: IndexDeclaration,
  searchPath: readonly string[],
): Promise<Result | { error: string }> {
  await session.query('SAVEPOINT described')
  try {
    // On lines of its own, so that a comment at the query's end ends there.
    const described = `SELECT * FROM (\n${sql}\n) AS described LIMIT 0`
    const result = await underSearchPath(session, searchPath, () => session.single(described))
    await session.query('RELEASE SAVEPOINT described')
    return result
  } catch (error) {
    const state = sqlState(error)
    if (!/^[0-9A-Z]{5}$/.test(state) || isSurroundings(state)) throw error
    await session.query('ROLLBACK TO SAVEPOINT described')
    return { error: messageOf(error) }
  }
}

/** A lock that was not granted, a conflict on a standby, a server that is stopping: not the query's fault. */
function isSurroundings(state: string): boolean {
  return ['55P03', '40P01', '40001'].includes(state) || /^(08|53|57)/.test(state)
}

type TypedColumn = { readonly name: string; readonly type: FoundType | undefined }

function wrongColumns({ primaryKey }: IndexDeclaration, columns: readonly TypedColumn[]): string[] {
  const names = columns.map(({ name }) => name)
  const twice = [...new Set(names.filter((name, place) => names.indexOf(name) !== place))]
  const valueless = columns.filter(({ type }) => type === undefined || type.kind === 'none')
  return [
    ...(names.length === 0 ? ['gives no column.'] : []),
    ...twice.map((name) => `gives two columns called "${name}". Give one of them another name (AS …).`),
    ...names
      .filter((name) => name === '?column?')
      .map(() => 'gives a column without a name. Name it (AS …).'),
    ...valueless.map(
      ({ name, type }) =>
        `column "${name}" is a ${type?.kind === 'none' ? type.name : 'type'} without named parts. Write json_build_object(…) instead.`,
    ),
    ...(names.includes(primaryKey)
      ? []
      : [
          `has no column "${primaryKey}", the primary key. It has: ${names.map((name) => identifier(name)).join(', ')}.`,
        ]),
  ]
}

function label({ line, uid }: IndexDeclaration): string {
  return `line ${line}: ${uid}`
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { hint } = error as { hint?: unknown }
  return [error.message, ...(typeof hint === 'string' ? [hint] : [])].join('. ')
}
