import { describe, expect, it } from '@jest/globals'
import type { AuditEntry } from '../../../src/catalog/audit.ts'
import { nameRates, ratesOf } from '../../../src/watch/rates.ts'
import { before, named, NOW } from '../../support/watched-backups.ts'

const DAY = 24
const entry = (command: string, hours: number, result: AuditEntry['result']): AuditEntry => ({
  key: '',
  time: before(hours),
  command,
  result,
})

describe('ratesOf', () => {
  it('counts what each command came to in the last 30 days', () => {
    const entries = [
      entry('prune', 5, 'success'),
      entry('backup', 6, 'failure'),
      entry('backup', 30, 'success'),
      entry('backup', 54, 'cancelled'),
      entry('backup', 31 * DAY, 'failure'),
      entry('restore', 40 * DAY, 'success'),
    ]
    expect(ratesOf(entries, NOW)).toEqual([
      { command: 'backup', success: 1, failure: 1, cancelled: 1, last: before(30) },
      { command: 'prune', success: 1, failure: 0, cancelled: 0, last: before(5) },
    ])
    expect(ratesOf([entry('backup', 1, 'failure')], NOW)).toMatchObject([{ last: undefined }])
  })
})

describe('nameRates', () => {
  it.each([
    ['nothing of nothing', [], 0, 0],
    ['what was committed', [{ hours: 3 }, { hours: 27 }], 2, 2],
    ['an attempt that died', [{ hours: 3 }, { hours: 27, committed: false }], 2, 1],
    ['no attempt that may still run', [{ hours: 5, committed: false }], 0, 0],
    [
      'an attempt that began long ago and still grows as none',
      [{ hours: 30, committed: false, activity: before(1) }],
      0,
      0,
    ],
    [
      'nothing that is older than what prune leaves',
      [{ hours: 8 * DAY }, { hours: 9 * DAY, committed: false }],
      0,
      0,
    ],
    ['a removal that broke off as no attempt', [{ hours: 27, committed: false, removing: true }], 0, 0],
    ['a lost manifest as no attempt', [{ hours: 27, committed: false, verdicts: ['ok'] }], 0, 0],
  ] as const)('counts %s', (_, sketches, begun, committed) => {
    expect(nameRates(named(sketches), NOW).backups).toEqual({ begun, committed })
  })

  it('counts every record of the last 30 days, of whichever backup', () => {
    const sketches = [
      { hours: 3, verdicts: ['failed', 'ok'] },
      { hours: 20 * DAY, verdicts: ['partial'] },
      { hours: 31 * DAY, verdicts: ['ok'] },
    ] as const
    expect(nameRates(named(sketches), NOW).restores).toEqual({ ok: 1, failed: 1, partial: 1 })
  })
})
