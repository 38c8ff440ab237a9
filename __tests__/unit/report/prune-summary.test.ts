import { describe, expect, it } from '@jest/globals'
import { lifecycleSummary } from '../../../src/report/lifecycle-summary.ts'
import { pruneOutputs } from '../../../src/report/prune-outputs.ts'
import type { PrunedName, PruneReport } from '../../../src/report/prune-report.ts'
import { pruneSummary } from '../../../src/report/prune-summary.ts'
import { LARGEST_SUMMARY, renderSummary } from '../../../src/report/summary.ts'

const redact = (text: string): string => text

function name(about: Partial<PrunedName> = {}): PrunedName {
  return {
    name: 'app',
    totals: { kept: 1, removed: 1, bytesFreed: 2048, attemptsRemoved: 1, uploadsAborted: 0 },
    backups: [
      {
        id: '20261122T021500Z-000001',
        time: new Date('2026-11-22T02:15:00Z'),
        bytes: 4096,
        verification: 'ok',
        fate: 'stays',
        reasons: ['newest backup', 'daily 1 of 7 (2026-11-22)'],
      },
      {
        id: '20261121T021500Z-000002',
        time: new Date('2026-11-21T02:15:00Z'),
        bytes: 2048,
        verification: 'failed',
        fate: 'removed',
        reasons: ['its verification failed: it fills no slot'],
      },
    ],
    attempts: [],
    aborted: [],
    ...about,
  }
}

function report(about: Partial<PruneReport> = {}): PruneReport {
  return {
    store: 'R2 bucket shop-backups',
    prefix: 'db/',
    policy: 'daily=7, min-keep=3',
    dryRun: false,
    names: [name()],
    foreign: 0,
    problems: [],
    notices: [],
    ...about,
  }
}

const rendered = (about: Partial<PruneReport> = {}): string =>
  renderSummary(pruneSummary(report(about)), { redact })

describe('The summary of a prune', () => {
  it('has a row with the reasons of each backup', () => {
    const text = rendered()
    expect(text).toMatch(/20261122T021500Z-000001.*4.00 KiB \| ok \| stays \| newest backup.*daily 1 of 7/)
    expect(text).toMatch(/20261121T021500Z-000002.*2.00 KiB \| FAILED \| removed \| its verification failed/)
    expect(text).toMatch(/\| Freed \| 2.00 KiB \|/)
  })

  it('begins with what is wrong', () => {
    const text = rendered({ problems: ['backups have stopped'], notices: ['nothing was verified'] })
    expect(text.indexOf('backups have stopped')).toBeLessThan(text.indexOf('Policy'))
    expect(text).toContain('nothing was verified')
  })

  it('never says of a dry run that something was removed', () => {
    const goes = name().backups.map((backup) => ({ ...backup, fate: 'goes' as const }))
    const text = rendered({ dryRun: true, names: [name({ backups: goes })] })
    expect(text).toContain('dry run')
    expect(text).not.toMatch(/(?<!be )\b(removed|aborted)\b/i)
  })

  it('makes names from a bucket harmless', () => {
    const text = rendered({ names: [name({ name: '<img src=x> | ::error::x' })] })
    expect(text).not.toContain('<img')
    expect(text).not.toMatch(/^::error/m)
  })

  it('says how many it does not show, and is never too large', () => {
    const totals = { kept: 90_000, removed: 10_000, bytesFreed: 1, attemptsRemoved: 0, uploadsAborted: 0 }
    const [backup] = name().backups
    const backups = Array.from({ length: 1_000 }, () => backup).filter((each) => each !== undefined)
    const names = Array.from({ length: 30 }, (_, index) => name({ name: `app${index}`, totals, backups }))
    const text = rendered({ names })
    expect(text).toContain('99,000 older backups')
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LARGEST_SUMMARY)
  })
})

describe('The outputs of a prune', () => {
  it('add all names up, and tell each', () => {
    const outputs = pruneOutputs([name(), name({ name: 'crm' })])
    expect(outputs).toMatchObject({ kept: '2', removed: '2', 'bytes-freed': '4096', 'attempts-removed': '2' })
    expect(JSON.parse(outputs.pruned)).toEqual([
      { name: 'app', kept: 1, removed: 1, 'bytes-freed': 2048, 'attempts-removed': 1, 'uploads-aborted': 0 },
      { name: 'crm', kept: 1, removed: 1, 'bytes-freed': 2048, 'attempts-removed': 1, 'uploads-aborted': 0 },
    ])
  })
})

describe('The summary of lifecycle rules', () => {
  it('shows whose each rule is, and what it will take', () => {
    const blocks = lifecycleSummary({
      store: 'R2 bucket shop-backups',
      dryRun: false,
      rules: [
        { id: 'lifeboat db/', what: 'aborts uploads', ours: true },
        { id: '', what: 'removes objects', ours: false },
      ],
      changes: [],
      threats: [
        {
          name: 'app',
          id: '20261122T021500Z-000001',
          verified: true,
          rule: 'x',
          at: new Date('2027-01-01T00:00:00Z'),
        },
      ],
      problems: [],
    })
    const text = renderSummary(blocks, { redact })
    expect(text).toMatch(/nothing was changed/)
    expect(text).toMatch(/lifeboat db.*\| ours \|/)
    expect(text).toMatch(/no id.*\| foreign \|/)
    expect(text).toMatch(/the newest verified.*2027-01-01 00:00:00 UTC/)
  })
})
