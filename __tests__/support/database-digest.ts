import { join } from 'node:path'
import { Client } from 'pg'
import { DATABASE, OBJECTS, ROLES, SEQUENCES, TABLES } from './digest-queries.ts'
import { runProgram } from './run-program.ts'

/** A database as a superuser sees it. */
export interface DigestTarget {
  readonly url: string
  /** Holds the `pg_dump` that writes the schema: the same major for both sides of a comparison. */
  readonly binDir: string
  /** An exported snapshot to read rows, large objects and schema in; its transaction must still be open. */
  readonly snapshot?: string
}

/** Kinds of facts that a comparison leaves out, such as `sequence` where somebody writes meanwhile. */
export interface CompareOptions {
  readonly without?: readonly Kind[]
}

export type Kind = 'rows' | 'sequence' | 'schema' | (string & Record<never, never>)

export interface Fact {
  readonly kind: Kind
  readonly name: string
  /** `10000 rows 3f2b…`, or whatever tells one state from another. */
  readonly value: string
}

const PINNED = [
  "SET search_path = ''",
  "SET timezone = 'UTC'",
  "SET datestyle = 'ISO'",
  "SET intervalstyle = 'postgres'",
  "SET bytea_output = 'hex'",
  "SET lc_monetary = 'C'",
  'SET extra_float_digits = 3',
  'SET row_security = off',
  'SET statement_timeout = 0',
  'SET default_transaction_read_only = off',
]

/** Everything by which two copies of a database are told apart; knows nothing of how backups are made. */
export async function digestDatabase(target: DigestTarget): Promise<readonly Fact[]> {
  const client = new Client({ connectionString: target.url })
  await client.connect()
  try {
    for (const statement of PINNED) await client.query(statement)
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    if (target.snapshot !== undefined) await client.query(`SET TRANSACTION SNAPSHOT '${target.snapshot}'`)
    const facts: Fact[] = []
    for (const [kind, query] of Object.entries({ ...DATABASE, ...ROLES, ...OBJECTS })) {
      facts.push(...(await pairs(client, query)).map(([name, value]) => ({ kind, name, value })))
    }
    for (const [name] of await pairs(client, SEQUENCES)) {
      const [state] = await pairs(client, `SELECT last_value::text, is_called::text FROM ${name}`)
      facts.push({ kind: 'sequence', name, value: state?.join(' ') ?? 'unreadable' })
    }
    const tables = await client.query<{ name: string; target: string; text: string }>(TABLES)
    for (const table of tables.rows) {
      const rows = `SELECT md5(${table.text}) AS hash FROM ${table.target} AS the_row`
      const [digest] = await pairs(
        client,
        `SELECT count(*)::text, coalesce(md5(string_agg(hash, '' ORDER BY hash COLLATE "C")), '') FROM (${rows}) AS hashed`,
      )
      facts.push({ kind: 'rows', name: table.name, value: `${digest?.[0] ?? '?'} rows ${digest?.[1] ?? ''}` })
    }
    // While the transaction is open: an exported snapshot may be this one.
    facts.push({ kind: 'schema', name: 'pg_dump --schema-only', value: await schemaOf(target) })
    return facts
  } finally {
    await client.end()
  }
}

/** What differs between two databases, a sentence each; empty when they are equal. */
export async function compareDatabases(
  a: DigestTarget,
  b: DigestTarget,
  options: CompareOptions = {},
): Promise<string[]> {
  const [left, right] = await Promise.all([digestDatabase(a), digestDatabase(b)])
  return compareDigests(left, right, options)
}

/** As `compareDatabases`, where both digests, or one taken earlier, are at hand. */
export function compareDigests(
  left: readonly Fact[],
  right: readonly Fact[],
  { without = [] }: CompareOptions = {},
): string[] {
  const keyed = (facts: readonly Fact[]): Map<string, Fact> =>
    new Map(
      facts
        .filter(({ kind }) => !without.includes(kind))
        .map((fact) => [`${fact.kind} ${JSON.stringify(fact.name)}`, fact]),
    )
  const [lefts, rights] = [keyed(left), keyed(right)]
  const missing = [...lefts.keys()].filter((key) => !rights.has(key)).map((key) => `${key} is missing`)
  const added = [...rights.keys()].filter((key) => !lefts.has(key)).map((key) => `${key} is new`)
  const changed = [...lefts].flatMap(([key, fact]) => {
    const other = rights.get(key)
    if (!other || other.value === fact.value) return []
    if (fact.kind !== 'schema') return [`${key} was ${fact.value}, is ${other.value}`]
    return differingLines(fact.value, other.value).map((line) => `${key}: ${line}`)
  })
  return [...missing, ...added, ...changed]
}

/** Lines that only one of two texts has, at most forty; where all are the same, that their order is not. */
function differingLines(left: string, right: string): string[] {
  const [lefts, rights] = [left.split('\n'), right.split('\n')]
  const [leftSet, rightSet] = [new Set(lefts), new Set(rights)]
  const lines = [
    ...lefts.filter((line) => !rightSet.has(line)).map((line) => `- ${line}`),
    ...rights.filter((line) => !leftSet.has(line)).map((line) => `+ ${line}`),
  ]
  if (lines.length > 0) return lines.slice(0, 40)
  const at = lefts.findIndex((line, index) => line !== rights[index])
  return [`the same lines in another order or number, from line ${at + 1}: ${lefts[at] ?? 'the end'}`]
}

async function schemaOf({ url, binDir, snapshot }: DigestTarget): Promise<string> {
  const parsed = new URL(url)
  const env = {
    PATH: process.env['PATH'] ?? '',
    PGHOST: parsed.hostname,
    PGPORT: parsed.port,
    PGUSER: decodeURIComponent(parsed.username),
    PGPASSWORD: decodeURIComponent(parsed.password),
    PGDATABASE: decodeURIComponent(parsed.pathname.slice(1)),
    // pg_dump writes bounds of partitions in the time zone of the database's own settings.
    PGTZ: 'UTC',
  }
  const args = ['--schema-only', '--no-publications', '--no-subscriptions', '--no-tablespaces']
  if (snapshot !== undefined) args.push(`--snapshot=${snapshot}`)
  const text = await runProgram(join(binDir, 'pg_dump'), args, { env })
  // The first names a random key, the others the server's minor version.
  return text
    .split('\n')
    .filter((line) => !/^(\\(un)?restrict |-- Dumped (from|by) )/.test(line))
    .join('\n')
}

async function pairs(client: Client, query: string): Promise<readonly (readonly [string, string])[]> {
  const result = await client.query<(string | null)[]>({ text: query, rowMode: 'array' })
  return result.rows.map(([name, value]) => [name ?? '', value ?? ''] as const)
}
