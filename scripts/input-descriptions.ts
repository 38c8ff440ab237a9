import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ActionMetadata } from './readme-tables.ts'

/** Where the bundle has the descriptions from: a released bundle has no action.yml beside it. */
export const DESCRIPTIONS_FILE = 'src/cli/descriptions.ts'

/** The module that holds what action.yml says of its inputs. */
export function descriptionsModule({ inputs }: ActionMetadata): string {
  const entries = Object.entries(inputs).map(([name, { description }]) => {
    const text = description.trim().replace(/\s+/g, ' ')
    return `  ${/^[a-z]+$/.test(name) ? name : literal(name)}:\n    ${literal(text)},`
  })
  return [
    '// Written by scripts/input-descriptions.ts from action.yml when the bundle is built: change it there.',
    '/** What each input is, for `--help`. */',
    'export const DESCRIPTIONS: Readonly<Record<string, string>> = {',
    ...entries,
    '}',
    '',
  ].join('\n')
}

/** Leaves the file alone where nothing has changed. */
export async function writeDescriptions(checkout: string): Promise<void> {
  const metadata = parse(await readFile(join(checkout, 'action.yml'), 'utf8')) as ActionMetadata
  const path = join(checkout, DESCRIPTIONS_FILE)
  const wanted = descriptionsModule(metadata)
  if ((await readFile(path, 'utf8').catch(() => '')) !== wanted) await writeFile(path, wanted)
}

/** As prettier writes it: the quote that has to be escaped less often. */
function literal(text: string): string {
  const singles = text.split("'").length
  const doubles = text.split('"').length
  if (singles > doubles) return JSON.stringify(text)
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
