import { describe, expect, it } from '@jest/globals'
import type { Finding } from '../../../src/catalog/finding.ts'
import { callable, jobOf, nightly, workflowFindings } from '../../support/workflow-findings.ts'

function orders(
  jobs: Readonly<Record<string, object>>,
  others: Readonly<Record<string, string>> = {},
): Finding[] {
  return workflowFindings({ 'a.yml': nightly(jobs), ...others }).filter(
    ({ what, found }) => what === 'prune after backup' && found.startsWith('.github/workflows/a.yml'),
  )
}

describe('A prune', () => {
  it.each([
    ['behind the backup in its job', { a: jobOf('backup', 'prune') }],
    ['in a job that needs the backup', { a: jobOf('backup'), b: { needs: 'a', ...jobOf('prune') } }],
    [
      'in a job that needs one that needs it',
      {
        a: jobOf('backup'),
        v: { needs: ['a'], ...jobOf('restore-verify') },
        b: { needs: ['v'], ...jobOf('prune') },
      },
    ],
    ['in a workflow without backup', { b: jobOf('prune') }],
  ])('is right %s', (_, jobs) => {
    expect(orders(jobs)).toMatchObject([{ state: 'passed' }])
  })

  it.each([
    ['before the backup in its job', { a: jobOf('prune', 'backup') }, 'job a'],
    ['in a job beside it', { a: jobOf('backup'), b: jobOf('prune') }, 'job a'],
    [
      'behind one of two backups',
      { a: jobOf('backup'), c: jobOf('backup'), b: { needs: 'a', ...jobOf('prune') } },
      'job c',
    ],
    [
      'in jobs that need each other',
      { a: jobOf('backup'), b: { needs: 'c', ...jobOf('prune') }, c: { needs: 'b', ...jobOf('check') } },
      'job a',
    ],
  ])('is too early %s', (_, jobs, which) => {
    expect(orders(jobs)).toMatchObject([
      {
        state: 'failed',
        found: expect.stringContaining(`without waiting for the backup (${which})`) as unknown,
      },
    ])
  })

  it.each([
    'always()',
    '${{ always() }}',
    '!cancelled()',
    'success() || failure()',
    "always() || needs.a.result == 'success'",
    "needs.a.result == 'success' || always()",
    "always() && needs.a.result != 'cancelled'",
    "always() && github.event_name == 'schedule'",
  ])('must not go on where the backup failed: %s', (condition) => {
    const job = { a: jobOf('backup'), b: { needs: 'a', if: condition, ...jobOf('prune') } }
    const step = { a: { steps: [...jobOf('backup').steps, { ...jobOf('prune').steps[0], if: condition }] } }
    for (const jobs of [job, step]) {
      expect(orders(jobs)).toMatchObject([
        {
          state: 'failed',
          found: expect.stringContaining('also where something before it failed') as unknown,
        },
      ])
    }
  })

  it.each([
    'success()',
    "github.ref == 'refs/heads/main'",
    "!cancelled() && needs.a.result == 'success'",
    "!cancelled() && (needs.a.result == 'success' && (inputs.command || 'all') == 'all' || inputs.command == 'prune')",
    "always() && needs['a'].result == 'success'",
  ])('may have a condition that asks whether the backup succeeded: %s', (condition) => {
    const jobs = { a: jobOf('backup'), b: { needs: 'a', if: condition, ...jobOf('prune') } }
    expect(orders(jobs)).toMatchObject([{ state: 'passed' }])
  })

  it('waits for the backups of its own source', () => {
    const search = (...commands: readonly string[]): { steps: object[] } => ({
      steps: commands.map((command) => ({
        uses: 'acme/lifeboat@v1',
        with: { command, source: 'meilisearch' },
      })),
    })
    const database = { a: jobOf('backup'), b: { needs: 'a', ...jobOf('prune') } }
    expect(orders({ ...database, s: search('backup', 'prune') })).toMatchObject([
      { state: 'passed' },
      { state: 'passed' },
    ])
    expect(orders({ s: search('backup'), p: search('prune') })).toMatchObject([{ state: 'failed' }])
    expect(orders({ s: search('prune', 'backup') })).toMatchObject([{ state: 'failed' }])
  })

  it('is looked at in workflows that a job calls, too', () => {
    const others = {
      'backup.yml': callable({ b: jobOf('backup') }),
      'prune.yml': callable({ p: jobOf('prune') }),
    }
    const call = (name: string, more: object = {}): object => ({
      uses: `./.github/workflows/${name}.yml`,
      secrets: 'inherit',
      ...more,
    })
    expect(orders({ a: call('backup'), b: call('prune') }, others)).toMatchObject([{ state: 'failed' }])
    expect(orders({ a: call('backup'), b: call('prune', { needs: 'a' }) }, others)).toMatchObject([
      { state: 'passed' },
    ])
    expect(
      orders({ a: call('backup'), b: call('prune', { needs: 'a', if: 'always()' }) }, others),
    ).toMatchObject([{ state: 'failed' }])
  })
})

describe('A failure', () => {
  it.each(['backup', 'restore-verify'])('of %s must not be green', (command) => {
    const [step] = jobOf(command).steps
    for (const job of [
      { steps: [{ ...step, 'continue-on-error': true }] },
      { 'continue-on-error': true, ...jobOf(command) },
    ]) {
      const findings = workflowFindings({ 'a.yml': nightly({ a: job }) })
      expect(findings.filter(({ what }) => what === 'failures are red')).toEqual([
        expect.objectContaining({
          state: 'failed',
          found: `.github/workflows/a.yml, job a: ${command} has continue-on-error, so its failure is green.`,
        }),
      ])
    }
  })

  it('of something else may be', () => {
    const job = { steps: [...jobOf('backup').steps, { run: 'make', 'continue-on-error': true }] }
    const findings = workflowFindings({ 'a.yml': nightly({ a: job }) })
    expect(findings.filter(({ what }) => what === 'failures are red')).toEqual([])
  })
})
