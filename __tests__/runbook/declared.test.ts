import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BLOCKS, readBlocks } from '../support/runbook.ts'

/** Why a block is not executed here. */
const REASONS: Readonly<Record<string, string>> = {
  github: 'needs GitHub; checked against the workflows instead',
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
