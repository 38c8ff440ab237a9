import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { COMMANDS } from '../../src/inputs.ts'
import { INPUTS } from '../../src/inputs/table.ts'
import { brokenReferences, unreachablePages, type Repository } from '../support/broken-references.ts'
import { readMarkdown } from '../support/markdown.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What is made here and belongs to nobody else. */
const MADE = ['.git', 'node_modules', 'lib', 'coverage', 'demo-output', '.cache']

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.includes(name))
    .flatMap((each) => {
      const path = folder === '' ? each.name : `${folder}/${each.name}`
      return each.isDirectory() ? filesBelow(path) : [path]
    })
}

function thisRepository(): Repository {
  const files = filesBelow('')
  const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const { inputs } = parse(read('action.yml')) as { inputs: Record<string, unknown> }
  return {
    files,
    pages: Object.fromEntries(files.filter((path) => path.endsWith('.md')).map((path) => [path, read(path)])),
    scripts: Object.keys(scripts),
    commands: COMMANDS,
    inputs: Object.keys(inputs),
    flags: [
      ...INPUTS.map(({ name }) => name),
      ...INPUTS.filter(({ secret }) => secret).map(({ name }) => `${name}-file`),
      'help',
      'version',
    ],
  }
}

const around: Omit<Repository, 'pages'> = {
  files: ['README.md', 'docs/format.md', 'src/main.ts'],
  scripts: ['demo'],
  commands: ['list'],
  inputs: ['command', 'bucket'],
  flags: ['bucket', 'help'],
}

describe('The documentation', () => {
  it('leads nowhere that does not exist', () => {
    const repository = thisRepository()
    expect(Object.keys(repository.pages)).toEqual(
      expect.arrayContaining(['README.md', 'SECURITY.md', 'docs/architecture.md']),
    )
    expect(brokenReferences(repository)).toEqual([])
  })

  it('has no page that the README does not lead to', () => {
    // Notes beside fixtures are for whoever looks at these.
    const lost = unreachablePages(thisRepository(), 'README.md').filter(
      (path) => !path.startsWith('__tests__/'),
    )
    expect(lost).toEqual([])
  })
})

describe('unreachablePages', () => {
  it('follows links to pages and folders', () => {
    const pages = {
      'README.md': '[a](docs/a.md)',
      'docs/a.md': '[up](../README.md) [all](adr/)',
      'docs/adr/1.md': '',
      'docs/lost.md': '[a](a.md)',
    }
    expect(unreachablePages({ ...around, pages }, 'README.md')).toEqual(['docs/lost.md'])
  })
})

describe('brokenReferences', () => {
  const told = (readme: string): string[] =>
    brokenReferences({
      ...around,
      pages: { 'README.md': readme, 'docs/format.md': '# The format\n\n## age & xz\n\n## age & xz\n' },
    })

  it.each([
    ['[a](docs/nothing.md)', 'README.md:1: docs/nothing.md: there is no docs/nothing.md'],
    [
      '[a](docs/format.md#nothing)',
      'README.md:1: docs/format.md#nothing: docs/format.md has no heading #nothing',
    ],
    ['# Top\n[a](#bottom)', 'README.md:2: #bottom: README.md has no heading #bottom'],
    ['[a][b]\n\n[b]: docs/gone.md', 'README.md:3: docs/gone.md: there is no docs/gone.md'],
    ['See `src/gone.ts`', 'README.md:1: `src/gone.ts`: there is no such file'],
    ['`npm run gone`', 'README.md:1: `npm run gone`: package.json has no script gone'],
    [
      '```bash\nnode dist/index.js lsit\n```',
      'README.md:1: `node dist/index.js lsit`: there is no command lsit',
    ],
    [
      '```bash\nnode dist/index.js list \\\n  --bukcet x\n```',
      'README.md:1: `node dist/index.js list     --bukcet x`: there is no flag --bukcet',
    ],
    ['```yaml\nwith:\n  bukcet: x\n```', 'README.md:1: with: bukcet: there is no such input'],
    [
      '```yaml\nsteps:\n  - uses: OWNER/lifeboat@v1\n    with:\n      command: lsit\n```',
      'README.md:1: command: lsit: there is no such command',
    ],
  ])('finds what is wrong with %j', (readme, problem) => {
    expect(told(readme)).toEqual([problem])
  })

  it.each([
    '[a](docs/format.md#age--xz-1) [b](docs/) [c](https://example.com/gone) [d](docs/format.md "title")',
    '`src/<room>/x.ts` `.github/workflows/yours.yml` `src/main.ts` `docs/`',
    '```bash\nnode dist/index.js list --bucket x\nnode dist/index.js --help\n```',
    '```yaml\nsteps:\n  - uses: actions/checkout@v4\n    with:\n      fetch-depth: 0\n```',
    '```text\n[a](nowhere.md)\n```',
  ])('has nothing against %j', (readme) => {
    expect(told(readme)).toEqual([])
  })

  it('names a fence that is never closed', () => {
    expect(() => readMarkdown('a\n\n```bash\nls\n')).toThrow('The fence of line 3 is never closed.')
  })
})
