import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { BLOCKS, readBlocks } from '../support/runbook.ts'

/** Why a block is not executed here. */
const REASONS: Readonly<Record<string, string>> = {
  github: 'needs GitHub; checked against the workflows instead',
  meilisearch: 'needs the program meilisearch, which the tests do without',
  network: 'asks a name server of the internet',
}

describe('The commands of RUNBOOK_DR.md', () => {
  it('are executed by a test, or declared with a reason', () => {
    expect(BLOCKS.length).toBeGreaterThan(20)
    const undeclared = BLOCKS.filter(
      ({ kind, name }) => kind === 'undeclared' || (kind === 'declared' && !Object.hasOwn(REASONS, name)),
    )
    expect(undeclared.map(({ name, line }) => `line ${line}: ${name}`)).toEqual([])
  })

  it('are all in the way that some test goes', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('.test.ts') && !import.meta.filename.endsWith(file))
      .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    const names = BLOCKS.filter(({ kind }) => kind === 'run' || kind === 'file').map(({ name }) => name)
    expect(names.filter((name) => !tests.some((text) => text.includes(`'${name}'`)))).toEqual([])
  })

  it('stand in blocks that say which', () => {
    expect(readBlocks('```bash\nls\n```\n```sh run=a\nls\n```\n```bash run=a\nls\n```\n')).toMatchObject([
      { kind: 'undeclared', name: 'bash' },
      { kind: 'undeclared', name: 'sh run=a' },
      { kind: 'run', name: 'a' },
    ])
  })
})

const WORKFLOWS = resolve(import.meta.dirname, '../../.github/workflows')

interface Input {
  readonly required?: boolean
  readonly type?: string
  readonly options?: readonly string[]
}

/** Of a workflow that people start by hand; undefined where there is none. */
function inputsOf(file: string): Readonly<Record<string, Input>> | undefined {
  if (!readdirSync(WORKFLOWS).includes(file)) return undefined
  const { on } = parse(readFileSync(join(WORKFLOWS, file), 'utf8')) as {
    on?: { workflow_dispatch?: { inputs?: Record<string, Input> } }
  }
  return on?.workflow_dispatch === undefined ? undefined : (on.workflow_dispatch.inputs ?? {})
}

/** What is wrong with a line for the program `gh`; nothing else may stand in a block `declared=github`. */
function wrongWith(line: string): string[] {
  const all = readdirSync(WORKFLOWS)
    .map((file) => readFileSync(join(WORKFLOWS, file), 'utf8'))
    .join('\n')
  if (line === 'gh run watch') return []
  const [, kind = '', name = ''] = /^gh (secret|variable) set ([A-Z_0-9]+)$/.exec(line) ?? []
  if (kind !== '') {
    const used = kind === 'secret' ? `secrets.${name}` : `vars.${name}`
    return all.includes(used) ? [] : [`${line}: no workflow uses ${used}`]
  }
  const [, verb = '', file = '', rest = ''] =
    /^gh workflow (run|enable|disable) (\S+\.yml)((?: -f \S+=\S+)*)$/.exec(line) ?? []
  if (verb === '') return [`${line}: is no line that this test knows`]
  const inputs = inputsOf(file)
  if (!inputs) return [`${line}: there is no ${file} that can be started by hand`]
  if (verb !== 'run') return rest === '' ? [] : [`${line}: ${verb} takes no inputs`]
  const given = new Map(
    [...rest.matchAll(/ -f ([^\s=]+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]),
  )
  const required = Object.keys(inputs).filter((key) => inputs[key]?.required === true && !given.has(key))
  return [
    ...required.map((key) => `${line}: ${key} is required`),
    ...[...given].flatMap(([key, value]) => {
      const input = inputs[key]
      if (!input) return [`${line}: ${file} has no input ${key}`]
      if (input.options && !input.options.includes(value)) return [`${line}: ${key} cannot be ${value}`]
      return input.type === 'boolean' && !/^(true|false)$/.test(value) ? [`${line}: ${key} is a boolean`] : []
    }),
  ]
}

describe('The commands for GitHub', () => {
  it('start workflows that exist, with inputs and secrets that they have', () => {
    const lines = BLOCKS.filter(({ kind, name }) => kind === 'declared' && name === 'github').flatMap(
      ({ text }) => text.trimEnd().split('\n'),
    )
    expect(lines).toContain('gh workflow run db-backup.yml -f command=list')
    expect(lines.flatMap(wrongWith)).toEqual([])
  })

  it.each([
    'gh workflow run nothing.yml',
    'gh workflow run db-backup.yml -f command=lsit',
    'gh workflow run restore.yml -f confirm=shop',
    'gh workflow run restore.yml -f target=a -f confirm=shop -f bukcet=x',
    'gh workflow run restore.yml -f target=a -f confirm=shop -f clean=yes',
    'gh secret set NOTHING_USES_THIS',
    'ls',
  ])('are found wrong where they are: %s', (line) => {
    expect(wrongWith(line)).toHaveLength(1)
  })
})
