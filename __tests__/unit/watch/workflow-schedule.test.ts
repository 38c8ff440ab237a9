import { describe, expect, it } from '@jest/globals'
import type { Finding } from '../../../src/catalog/finding.ts'
import { callable, jobOf, nightly, workflowFindings } from '../../support/workflow-findings.ts'

const OURS = 'acme/lifeboat/.github/workflows/reusable-db-backup.yml@v1'

function schedules(files: Readonly<Record<string, string>>): Finding[] {
  return workflowFindings(files).filter(({ what }) => what === 'schedule of backup')
}

describe('The schedule of backups', () => {
  it('passes where a workflow with one has a backup in it', () => {
    expect(schedules({ 'a.yml': nightly({ backup: jobOf('backup') }) })).toEqual([
      expect.objectContaining({
        state: 'passed',
        found: '.github/workflows/a.yml: "17 2 * * *" (UTC).',
      }),
    ])
  })

  it('is missed where there is no backup at all, or nothing starts it', () => {
    expect(schedules({ 'a.yml': nightly({ test: { steps: [{ run: 'make' }] } }) })).toEqual([
      expect.objectContaining({ state: 'failed', found: expect.stringContaining('no workflow') as unknown }),
    ])
    const byHand = JSON.stringify({ on: ['push', 'workflow_dispatch'], jobs: { b: jobOf('backup') } })
    expect(schedules({ 'a.yml': byHand })).toEqual([
      expect.objectContaining({
        state: 'failed',
        found: expect.stringContaining('nothing starts it') as unknown,
      }),
    ])
    expect(schedules({ 'a.yml': callable({ b: jobOf('backup') }) })[0]?.state).toBe('failed')
  })

  it('is found in a workflow that calls the one with the backup, here or elsewhere', () => {
    const files = {
      'called.yml': callable({ b: jobOf('backup') }),
      'night.yml': nightly({ a: { uses: './.github/workflows/called.yml', secrets: 'inherit' } }),
    }
    expect(schedules(files)).toMatchObject([
      { state: 'passed', found: expect.stringContaining('night.yml') as unknown },
    ])
    expect(schedules({ 'a.yml': nightly({ a: { uses: OURS, secrets: 'inherit' } }) })).toMatchObject([
      { state: 'passed' },
    ])
    expect(
      schedules({ 'a.yml': nightly({ a: { uses: 'acme/other/.github/workflows/x.yml@v1' } }) }),
    ).toMatchObject([{ state: 'failed' }])
  })

  it('is looked for to an end in workflows that call each other', () => {
    const files = {
      'a.yml': callable({ a: { uses: './.github/workflows/b.yml' } }),
      'b.yml': callable({ b: { uses: './.github/workflows/a.yml' } }),
    }
    expect(schedules(files)).toMatchObject([{ state: 'failed' }])
  })

  it('cannot be told where the command is an expression', () => {
    const file = nightly({ a: jobOf('${{ inputs.command }}') })
    expect(schedules({ 'a.yml': file })).toMatchObject([{ state: 'not-checked' }])
  })

  it.each([
    '17 2 * * *',
    '*/15 * * * *',
    '7-59/15 1-5,13 1,15 JAN-MAR mon-FRI',
    '5 4 31 12 7',
    '  1  2 3 4 5 ',
  ])('is one at %j', (cron) => {
    expect(schedules({ 'a.yml': nightly({ b: jobOf('backup') }, cron) })[0]?.state).not.toBe('failed')
  })

  it.each([
    '',
    '17 2 * *',
    '17 2 * * * *',
    '@daily',
    '60 2 * * *',
    '17 24 * * *',
    '17 2 0 * *',
    '17 2 32 * *',
    '17 2 * 13 *',
    '17 2 * * 8',
    '17 2 * * monday',
    '17 5-2 * * *',
    '*/0 2 * * *',
    '17, 2 * * *',
    '*-5 2 * * *',
    '17 2 ? * *',
  ])('is none at %j', (cron) => {
    expect(schedules({ 'a.yml': nightly({ b: jobOf('backup') }, cron) })).toMatchObject([
      { state: 'failed', found: expect.stringContaining('is no schedule') as unknown },
    ])
  })

  it.each(['0 2 * * *', '00 2 * * *', '*/30 2 * * *', '0,30 2 * * *', '30,0 2 * * *', '0-5 2 * * *'])(
    'had better not begin on the hour: %j',
    (cron) => {
      expect(schedules({ 'a.yml': nightly({ b: jobOf('backup') }, cron) })).toMatchObject([
        { state: 'advice', found: expect.stringContaining('on the hour') as unknown },
      ])
    },
  )
})
