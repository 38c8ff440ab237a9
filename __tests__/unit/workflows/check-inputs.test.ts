import { beforeAll, describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { workflowProblems } from '../../../scripts/workflows/check-inputs.ts'
import { workflowFiles } from '../../../scripts/workflows/files.ts'
import { loadLanguageService, type Editor } from '../../../scripts/workflows/language-service.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const own = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8')

describe('The check of workflows', () => {
  let editor: Editor

  beforeAll(async () => {
    editor = await loadLanguageService(ROOT)
  })

  const step = (lines: string): Promise<readonly string[]> => {
    const text = `on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: ${lines}
`
    return workflowProblems(editor, { path: 'w.yml', text }, own)
  }
  const ACTION = `OWNER/lifeboat@${'a'.repeat(40)}`

  it('finds an input that the action does not have', async () => {
    const problems = await step(`${ACTION}\n        with: { command: list, buket: shop }`)
    expect(problems).toEqual([expect.stringMatching(/^w\.yml:7: .*buket/)])
  })

  it('finds a required input that is missing, and an output that no step has', async () => {
    expect(await step(`${ACTION}\n        with: { bucket: shop }`)).toEqual([
      expect.stringMatching(/command/),
    ])
    const wrong = `${ACTION}\n        with: { command: list, bucket: '\${{ steps.nobody.outputs.x }}' }`
    expect(await step(wrong)).toEqual([expect.stringMatching(/nobody/)])
  })

  it('finds an input, an output and a secret that a reusable workflow does not have', async () => {
    const text = `on: push
jobs:
  one:
    uses: OWNER/lifeboat/.github/workflows/reusable-db-backup.yml@${'a'.repeat(40)}
    with: { databases: '[]', bucket: b, age-recipients: none, colour: red }
    secrets: { DATABASE_URL: x, WHAT: y }
  two:
    needs: one
    runs-on: ubuntu-latest
    steps:
      - run: echo \${{ needs.one.outputs.nothing }}
`
    const problems = (await workflowProblems(editor, { path: 'w.yml', text }, own)).join('\n')
    expect(problems).toMatch(/w\.yml:5: .*colour/)
    expect(problems).toMatch(/w\.yml:6: .*WHAT/)
    expect(problems).toMatch(/w\.yml:11: .*nothing/)
  })

  it('knows where workflows are', () => {
    expect(workflowFiles(ROOT)).toEqual(
      expect.arrayContaining(['.github/workflows/db-backup.yml', 'examples/minimal.yml']),
    )
  })
})
