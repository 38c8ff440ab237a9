import { describe, expect, it } from '@jest/globals'
import type { Finding } from '../../../src/catalog/finding.ts'
import { callable, jobOf, nightly, workflowFindings } from '../../support/workflow-findings.ts'

const DOCTOR = {
  env: { DATABASE_URL: '${{ secrets.DB }}', PLAIN: 'x' },
  steps: [
    {
      uses: 'acme/lifeboat@v1',
      with: {
        command: 'doctor',
        'age-identities': "${{ secrets['AGE'] || secrets.OLD }}",
        bucket: '${{ vars.B }}',
      },
      env: { R2_SECRET_ACCESS_KEY: '${{ secrets.R2 }}' },
    },
  ],
}
const OURS = 'acme/lifeboat/.github/workflows/reusable-db-backup.yml@v1'

function arrival(variables: readonly string[], inputs: readonly string[], job = 'look'): Finding[] {
  return workflowFindings(
    {
      'a.yml': nightly({
        look: DOCTOR,
        other: { env: { NEVER: '${{ secrets.NEVER }}' }, ...jobOf('backup') },
      }),
    },
    { job, variables: new Set(variables), inputs: new Set(inputs) },
  ).filter(({ what }) => what === 'secrets arrive')
}

describe('Secrets of the step that runs', () => {
  it('arrive where each has a value', () => {
    expect(arrival(['DATABASE_URL', 'R2_SECRET_ACCESS_KEY'], ['age-identities'])).toEqual([
      expect.objectContaining({ state: 'passed', found: '4 that this step asks for have a value.' }),
    ])
  })

  it('are named where they are empty, with what they should have become', () => {
    expect(arrival([], [])).toEqual([
      expect.objectContaining({
        state: 'failed',
        found: 'empty: DB (as DATABASE_URL); R2 (as R2_SECRET_ACCESS_KEY); AGE, OLD (as age-identities).',
      }),
    ])
    expect(arrival(['DATABASE_URL', 'R2_SECRET_ACCESS_KEY'], [])[0]?.found).toBe(
      'empty: AGE, OLD (as age-identities).',
    )
  })

  it('are not missed where a variable may stand in for them', () => {
    const env = { R2_ACCOUNT_ID: '${{ vars.R2_ACCOUNT_ID || secrets.R2_ACCOUNT_ID }}' }
    const files = { 'a.yml': nightly({ look: { env, ...jobOf('doctor') } }) }
    const arriving = { job: 'look', variables: new Set<string>(), inputs: new Set<string>() }
    expect(workflowFindings(files, arriving).filter(({ what }) => what === 'secrets arrive')).toEqual([])
  })

  it('need not exist where a variable may stand in, or nothing needs them', () => {
    const step = {
      uses: 'acme/lifeboat@v1',
      with: { command: 'doctor', bucket: '${{ vars.BUCKET || secrets.BUCKET }}' },
      env: { MEILI_API_KEY: '${{ secrets.MEILI_API_KEY }}', R2_ACCOUNT_ID: '${{ secrets.R2 || vars.R2 }}' },
    }
    const files = { 'a.yml': nightly({ look: { steps: [step] }, b: jobOf('backup') }) }
    const arriving = { job: 'look', variables: new Set<string>(), inputs: new Set<string>() }
    const found = (unneeded: readonly string[]): Finding[] =>
      workflowFindings(files, { ...arriving, unneeded: new Set(unneeded) }).filter(
        ({ what }) => what === 'secrets arrive',
      )
    expect(found([])).toMatchObject([{ found: 'empty: MEILI_API_KEY (as MEILI_API_KEY).' }])
    expect(found(['MEILI_API_KEY'])).toEqual([])
  })

  it('are not looked for in another job, or where there is none', () => {
    expect(arrival([], [], 'other')).toEqual([])
    expect(arrival([], [], 'elsewhere')).toEqual([])
  })
})

describe('A workflow that calls another', () => {
  const called = callable({
    b: {
      env: { DATABASE_URL: '${{ secrets.DB }}', TOKEN: '${{ secrets.GITHUB_TOKEN }}' },
      steps: [{ uses: 'acme/lifeboat@v1', with: { command: 'backup' } }, { run: 'echo ${{ secrets.R2 }}' }],
    },
  })
  const calling = (secrets: unknown, uses = './.github/workflows/called.yml'): Finding[] =>
    workflowFindings({
      'a.yml': nightly({ c: { uses, ...(secrets !== undefined && { secrets }) } }),
      'called.yml': called,
    }).filter(({ state }) => state === 'failed')

  it('hands over what that needs', () => {
    expect(calling('inherit')).toEqual([])
    expect(calling({ DB: '${{ secrets.DB }}', R2: '${{ secrets.R2 }}' })).toEqual([])
    expect(calling({ DB: '${{ secrets.DB }}' })).toMatchObject([
      {
        found:
          '.github/workflows/a.yml, job c: .github/workflows/called.yml gets no R2; they are empty there.',
      },
    ])
    expect(calling(undefined)[0]?.found).toContain('gets no DB, R2;')
  })

  it('hands over something to a workflow of Lifeboat, whatever its repository', () => {
    expect(calling(undefined, OURS)).toMatchObject([
      { what: 'secrets arrive', found: expect.stringContaining('gets no secret at all') as unknown },
    ])
    expect(calling({ DATABASE_URL: '${{ secrets.DB }}' }, OURS)).toEqual([])
    expect(calling('inherit', OURS)).toEqual([])
  })

  it('names one that exists', () => {
    const [schedule, unknown] = calling('inherit', './.github/workflows/caled.yml')
    expect(schedule?.what).toBe('schedule of backup')
    expect(unknown).toMatchObject({
      what: 'called workflows',
      found: expect.stringContaining('./.github/workflows/caled.yml is not in this repository') as unknown,
    })
  })
})
