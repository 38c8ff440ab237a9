import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readMarkdown, type Fence } from './markdown.ts'
import { node24 } from './node24.ts'

/** A piece of shell of the runbook, as the words behind `bash` declare it. */
export type RunbookBlock =
  /** Executed; blocks of one name belong together, in their order. */
  | { readonly kind: 'run'; readonly name: string; readonly text: string; readonly line: number }
  /** A file of `NAME='value'` lines that the reader fills in. */
  | { readonly kind: 'file'; readonly name: string; readonly text: string; readonly line: number }
  /** Not executed, for the reason with this name. */
  | { readonly kind: 'declared'; readonly name: string; readonly text: string; readonly line: number }
  | { readonly kind: 'undeclared'; readonly name: string; readonly text: string; readonly line: number }

export const RUNBOOK = resolve(import.meta.dirname, '../../RUNBOOK_DR.md')

/** Every fence but those of `text`, which is nothing to execute. */
export function readBlocks(markdown: string): RunbookBlock[] {
  return readMarkdown(markdown)
    .fences.filter(({ info }) => info !== 'text')
    .map(({ info, text, line }: Fence): RunbookBlock => {
      const [, kind, name] = /^bash (run|file|declared)=(\S+)$/.exec(info) ?? []
      if ((kind === 'run' || kind === 'file' || kind === 'declared') && name !== undefined) {
        return { kind, name, text, line }
      }
      return { kind: 'undeclared', name: info, text, line }
    })
}

export const BLOCKS = readBlocks(readFileSync(RUNBOOK, 'utf8'))

export interface RunbookRun {
  /** Where the reader works: holds what the runbook wants to be there. */
  readonly folder: string
  /** Names of the blocks, in the order in which the runbook leads through them. */
  readonly blocks: readonly string[]
  /** What the reader writes into each file: a value for each line that the runbook gives it. */
  readonly files: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** What the reader puts in the place of the examples. */
  readonly instead?: Readonly<Record<string, string>>
  /** Folders that come first on PATH. */
  readonly path?: readonly string[]
  /** Blocks of which the runbook itself says that they may end with an error. */
  readonly mayFail?: readonly string[]
}

export interface RunbookResult {
  readonly exitCode: number | null
  /** Standard output and error as they came. */
  readonly said: string
}

/** Does what the runbook says, word for word, in one bash that ends at the first command that fails. */
export async function followRunbook(run: RunbookRun): Promise<RunbookResult> {
  const { folder, blocks, files, instead = {}, path = [], mayFail = [] } = run
  for (const [name, values] of Object.entries(files)) {
    await writeFile(join(folder, name), filledIn(blocksNamed('file', name), values))
  }
  const script = blocks.flatMap((name) => {
    const text = replaced(blocksNamed('run', name), instead)
    const begin = `echo "== ${name}"`
    return mayFail.includes(name)
      ? [begin, 'set +e', text, `echo "== ${name} ended with $?"`, 'set -e']
      : [begin, text]
  })
  await writeFile(join(folder, 'followed.sh'), `${script.join('\n')}\n`)
  // Without a terminal, so that nothing asks; bash takes `-e` where a person would read and stop.
  const child = spawn('bash', ['-e', 'followed.sh'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [...path, dirname(node24()), process.env['PATH'] ?? ''].join(':'),
      HOME: folder,
      LC_ALL: 'C.UTF-8',
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  }
  await once(child, 'close')
  return { exitCode: child.exitCode, said }
}

function blocksNamed(kind: RunbookBlock['kind'], name: string): string {
  const found = BLOCKS.filter((block) => block.kind === kind && block.name === name)
  if (found.length === 0) throw new Error(`RUNBOOK_DR.md has no block ${kind}=${name}.`)
  return found.map(({ text }) => text).join('')
}

/** Every line of the form NAME='…' gets its value; one without a value, and a value without a line, is an error. */
function filledIn(template: string, values: Readonly<Record<string, string>>): string {
  const lost = new Set(Object.keys(values))
  const text = template.replace(/^([A-Z_0-9]+)='[^']*'$/gm, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`Nobody says what ${name} is in this test.`)
    lost.delete(name)
    return `${name}='${value}'`
  })
  if (lost.size > 0) throw new Error(`The runbook's file has no line for ${[...lost].join(', ')}.`)
  return text
}

function replaced(text: string, instead: Readonly<Record<string, string>>): string {
  return Object.entries(instead).reduce((all, [example, real]) => all.replaceAll(example, real), text)
}
