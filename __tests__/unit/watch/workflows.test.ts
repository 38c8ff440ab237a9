import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { workflowsExamination } from '../../../src/watch/workflows.ts'
import { jobOf, nightly, workflowFindings } from '../../support/workflow-findings.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const failedIn = (files: Readonly<Record<string, string>>): string[] =>
  workflowFindings(files).flatMap(({ state, what, found }) =>
    state === 'failed' ? [`${what}: ${found}`] : [],
  )

describe('Workflow files', () => {
  it('are right as they are here to be copied', () => {
    const copied = ['db-backup.yml', 'restore.yml', 'dr-drill.yml', 'reusable-db-backup.yml']
    const files = Object.fromEntries(copied.map((name) => [name, read(`.github/workflows/${name}`)]))
    expect(workflowFindings(files).map(({ what }) => what)).toEqual(
      expect.arrayContaining(['schedule of backup', 'prune after backup']),
    )
    expect(failedIn(files)).toEqual([])
  })

  it.each(readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.yml')))(
    'are right in the example %s',
    (name) => {
      const files = { [name]: read(`examples/${name}`) }
      // A repository that makes no backups has none to start.
      const ignored = name === 'drill-only.yml' ? /^schedule of backup: no workflow/ : /(?!)/
      expect(failedIn(files).filter((line) => !ignored.test(line))).toEqual([])
    },
  )

  it('that GitHub cannot read are named, and the others are judged', () => {
    const findings = workflowFindings({
      'broken.yml': 'jobs: [',
      'empty.yml': '',
      'none.yaml': 'on: push',
      'good.yml': nightly({ a: jobOf('backup') }),
    })
    expect(findings.filter(({ state }) => state === 'failed').map(({ what }) => what)).toEqual([
      '.github/workflows/broken.yml',
      '.github/workflows/empty.yml',
      '.github/workflows/none.yaml',
    ])
    expect(findings).toContainEqual(
      expect.objectContaining({
        what: 'workflow files',
        state: 'passed',
        found: expect.stringMatching(/^1 read/) as unknown,
      }),
    )
  })

  it.each([[undefined], [[]]])('that are not there are not checked: %j', (workflows) => {
    const arriving = { job: undefined, variables: new Set<string>(), inputs: new Set<string>() }
    const examination = workflowsExamination({ workflows, commands: [], arriving })
    expect([...(examination.examine(new AbortController().signal) as Iterable<unknown>)]).toEqual([
      expect.objectContaining({
        state: 'not-checked',
        todo: expect.stringContaining('actions/checkout') as unknown,
      }),
    ])
  })
})
