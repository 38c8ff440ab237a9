import { describe, expect, it } from '@jest/globals'
import { judgeProof, proofOf, recordsOf } from '../../../src/watch/proof.ts'
import { before, named, NOW } from '../../support/watched-backups.ts'

const DAY = 24
const HOUR = 3_600_000
const TARGETS = { rpoMs: 26 * HOUR, gapMs: 26 * HOUR, rtoMs: 2 * HOUR }
const WEEK = { ...TARGETS, verifiedMs: 8 * DAY * HOUR }

/** Each verdict came an hour after its backup, the next an hour later. */
const cases = [
  ['never verified, and nobody asks', [{ hours: 3 }], TARGETS, []],
  ['never verified', [{ hours: 3 }], WEEK, ['unverified']],
  ['only partly', [{ hours: 3, verdicts: ['partial'] }], WEEK, ['unverified']],
  ['verified', [{ hours: 3, verdicts: ['ok'] }], WEEK, []],
  ['verified and later only partly', [{ hours: 3, verdicts: ['ok', 'partial'] }], WEEK, []],
  [
    'failed, whether or not anybody asks',
    [{ hours: 3, verdicts: ['failed'] }],
    TARGETS,
    ['verification-failed'],
  ],
  ['failed, then good', [{ hours: 5, verdicts: ['failed', 'ok'] }], WEEK, []],
  ['good, then failed', [{ hours: 5, verdicts: ['ok', 'failed'] }], WEEK, ['verification-failed']],
  [
    'an older backup that failed since',
    [
      { hours: 27, verdicts: ['ok'] },
      { hours: 51, verdicts: ['ok', ...Array<'failed'>(30).fill('failed')] },
    ],
    WEEK,
    ['verification-failed'],
  ],
  ['proved eight days ago', [{ hours: 3 }, { hours: 8 * DAY, verdicts: ['ok'] }], WEEK, []],
  ['proved nine days ago', [{ hours: 3 }, { hours: 9 * DAY, verdicts: ['ok'] }], WEEK, ['verification-old']],
  [
    'the same old backup again and again',
    [{ hours: 3 }, { hours: 20 * DAY, verdicts: Array<'ok'>(19 * DAY).fill('ok') }],
    WEEK,
    ['verification-old'],
  ],
] as const

describe('judgeProof', () => {
  it.each(cases)('sees %s', (_, sketches, targets, found) => {
    const proof = proofOf(named(sketches).backups)
    expect(judgeProof({ name: 'app', ...proof }, targets, NOW).map(({ kind }) => kind)).toEqual(found)
  })

  it('gives every record that decides, newest first', () => {
    const { backups } = named([
      { hours: 3, verdicts: ['failed', 'partial'] },
      { hours: 27, verdicts: ['ok'] },
    ])
    expect(recordsOf(backups)).toEqual([
      { time: before(2), ok: false },
      { time: before(26), ok: true },
    ])
  })
})
