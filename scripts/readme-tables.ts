import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { InputRow } from '../src/inputs/given.ts'
import { INPUTS } from '../src/inputs/table.ts'

/**
 * Writes the README's tables of inputs and outputs from action.yml, between the markers `<!-- inputs -->` …
 * `<!-- /inputs -->` and `<!-- outputs -->` … `<!-- /outputs -->`. With `--check` it writes nothing and fails where
 * they differ.
 */

export interface ActionMetadata {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly required?: boolean }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
}

/** What the groups of `INPUTS` are called for people, in the order in which they are shown. */
const GROUPS: Readonly<Record<string, string>> = {
  what: 'What to do',
  where: 'Where backups are kept',
  keys: 'Who can read them',
  database: 'Which database',
  backup: 'How the backup is made',
  proof: 'What a verification asks',
  retention: 'What stays',
  watch: 'What is asked of a backup',
  meilisearch: 'Search (Meilisearch)',
}

export function readmeTables(
  { inputs, outputs }: ActionMetadata,
  table: readonly InputRow[],
): Record<string, string> {
  const known = Object.keys(GROUPS)
  const lost = table
    .filter(({ group }) => !known.includes(group))
    .map(({ name, group }) => `${name} (${group})`)
  if (lost.length > 0) throw new Error(`No title for the group of ${lost.join(', ')}: add it to GROUPS.`)
  const groups = known.map((group) => {
    const names = table.filter((row) => row.group === group).map((row) => row.name)
    const rows = names.map((name) => [name, inputs[name]?.description ?? ''] as const)
    return `### ${GROUPS[group] ?? group}\n\n${markdownTable('Input', rows)}`
  })
  const rows = Object.entries(outputs).map(([name, { description }]) => [name, description] as const)
  return { inputs: groups.join('\n\n'), outputs: markdownTable('Output', rows) }
}

/** Throws where a marker is missing: a README without its tables is not up to date. */
export function withTables(readme: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}.`)
    return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`
  }, readme)
}

function markdownTable(
  title: string,
  rows: readonly (readonly [name: string, description: string])[],
): string {
  const cells = rows.map(
    ([name, text]) => `| \`${name}\` | ${text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|')} |`,
  )
  return [`| ${title} | Description |`, '| --- | --- |', ...cells].join('\n')
}

function run(options: { readonly check: boolean }): void {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const metadata = parse(readFileSync(`${root}action.yml`, 'utf8')) as ActionMetadata
  const readme = readFileSync(`${root}README.md`, 'utf8')
  const wanted = withTables(readme, readmeTables(metadata, INPUTS))
  if (wanted === readme) return
  if (options.check) throw new Error('The tables in README.md differ from action.yml. Run `npm run readme`.')
  writeFileSync(`${root}README.md`, wanted)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) run({ check: process.argv.includes('--check') })
