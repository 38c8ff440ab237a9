import { describe, expect, it } from '@jest/globals'
import type { Finding } from '../../../src/catalog/finding.ts'
import { callable, nightly, workflowFindings } from '../../support/workflow-findings.ts'

const LOCAL = { uses: './', with: { command: 'backup' } }
const CHECKOUT = { uses: 'actions/checkout@v4' }

function local(files: Readonly<Record<string, string>>): Finding[] {
  return workflowFindings(files).filter(({ what }) => what === 'uses: ./')
}

describe('uses: ./', () => {
  it('needs the files of the repository first', () => {
    expect(local({ 'a.yml': nightly({ a: { steps: [CHECKOUT, LOCAL] } }) })).toEqual([])
    for (const steps of [[LOCAL], [LOCAL, CHECKOUT]]) {
      expect(local({ 'a.yml': nightly({ a: { steps } }) })).toMatchObject([
        { state: 'failed', found: expect.stringContaining('no step before it brings them') as unknown },
      ])
    }
  })

  it("means the caller's files in a workflow that others call", () => {
    const called = callable({ a: { steps: [CHECKOUT, LOCAL] } })
    expect(local({ 'called.yml': called })).toMatchObject([
      { state: 'failed', found: expect.stringContaining("the caller's files") as unknown },
    ])
    const caller = nightly({ c: { uses: './.github/workflows/called.yml' } })
    expect(local({ 'called.yml': called, 'a.yml': caller })).toMatchObject([
      { state: 'advice', found: expect.stringContaining('only this repository calls it') as unknown },
    ])
  })

  it('of another action is none of our business', () => {
    const steps = [{ uses: './.github/actions/build', with: { target: 'x' } }]
    expect(local({ 'a.yml': nightly({ a: { steps } }) })).toEqual([])
  })
})

describe('pg_dump in a pipe', () => {
  const pipes = (step: object, job: object = {}, workflow: object = {}): number =>
    workflowFindings({
      'a.yml': JSON.stringify({ on: 'push', ...workflow, jobs: { a: { ...job, steps: [step] } } }),
    }).filter(({ what, state }) => what === 'pipes fail' && state === 'failed').length

  it.each([
    'pg_dump shop | gzip > f',
    'PGPASSWORD=x pg_dumpall --globals-only | tee f',
    'pg_dump \\\n  shop \\\n  | gzip > f',
    'true\npg_dump shop |xz > f\ntrue',
  ])('hides its failure: %j', (run) => {
    expect(pipes({ run })).toBe(1)
    expect(pipes({ run, shell: 'sh' })).toBe(1)
  })

  it.each([
    'pg_dump shop > f',
    'pg_dump shop || exit 1',
    'set -o pipefail\npg_dump shop | gzip > f',
    'echo pg_dump_of_shop | cat',
    '# pg_dump shop | gzip',
    'cat f | gzip',
  ])('does not in %j', (run) => {
    expect(pipes({ run })).toBe(0)
  })

  it('fails where the shell is bash by name, wherever that is said', () => {
    const run = 'pg_dump shop | gzip > f'
    const bash = { defaults: { run: { shell: 'bash' } } }
    expect(pipes({ run, shell: 'bash' })).toBe(0)
    expect(pipes({ run }, bash)).toBe(0)
    expect(pipes({ run }, {}, bash)).toBe(0)
    expect(pipes({ run, shell: 'sh' }, bash)).toBe(1)
  })
})
