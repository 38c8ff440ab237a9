import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fact } from '../../__tests__/support/database-digest.ts'
import { compareDigests, digestDatabase } from '../../__tests__/support/database-digest.ts'
import type { PostgresServer } from '../../__tests__/support/postgres-server.ts'

/** Compares one database of two servers; the whole goes to `comparison.md`, its largest tables into `table`. */
export async function comparison(
  source: PostgresServer,
  copy: PostgresServer,
  database: string,
  output: string,
): Promise<{ readonly differences: readonly string[]; readonly table: string }> {
  const [left, right] = await Promise.all(
    [source, copy].map((server) => digestDatabase({ url: server.url(database), binDir: server.binDir })),
  )
  if (!left || !right) throw new TypeError('two servers have two digests')
  const differences = compareDigests(left, right)
  const found = new Map(right.map((fact) => [`${fact.kind} ${fact.name}`, fact.value]))
  const rows = left
    .filter(({ kind }) => kind !== 'schema')
    .map((fact) => ({ fact, copy: found.get(`${fact.kind} ${fact.name}`) ?? 'missing' }))
  await writeFile(join(output, 'comparison.md'), markdown(rows, differences))
  const largest = rows
    .filter(({ fact }) => fact.kind === 'rows')
    .sort((a, b) => Number.parseInt(b.fact.value, 10) - Number.parseInt(a.fact.value, 10))
    .slice(0, 12)
  const lines = largest.map(({ fact, copy: other }) => {
    const [count = '', , digest = ''] = fact.value.split(' ')
    const verdict = other === fact.value ? 'equal' : `NOT EQUAL: ${other}`
    return `  ${fact.name.padEnd(24)} ${count.padStart(8)} rows  ${digest.slice(0, 16)}…  ${verdict}`
  })
  return { differences, table: [...lines, '', counted(left, differences)].join('\n') }
}

function counted(facts: readonly Fact[], differences: readonly string[]): string {
  const kinds = [...new Set(facts.map(({ kind }) => kind))]
  const words = kinds.map((kind) => {
    const many = facts.filter((fact) => fact.kind === kind).length
    return `${many} ${kind === 'rows' ? 'tables' : kind}`
  })
  return `  ${facts.length} facts (${words.join(', ')}): ${differences.length} differences`
}

function markdown(
  rows: readonly { readonly fact: Fact; readonly copy: string }[],
  differences: readonly string[],
): string {
  const cell = (text: string): string =>
    text.replace(/[\\|<>&`*[\]#]/g, (character) => `&#${character.codePointAt(0) ?? 0};`).replace(/\s+/g, ' ')
  const lines = rows.map(({ fact, copy }) =>
    [fact.kind, fact.name, fact.value, copy === fact.value ? 'equal' : copy].map(cell).join(' | '),
  )
  return [
    `# Source and restored copy: ${differences.length} differences`,
    '',
    '| kind | name | source | copy |',
    '|---|---|---|---|',
    ...lines.map((line) => `| ${line} |`),
    '',
    ...differences.map((difference) => `- ${cell(difference)}`),
    '',
  ].join('\n')
}
