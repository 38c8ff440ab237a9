import { describe, expect, it } from '@jest/globals'
import { judgeLeftovers, type RetentionFindings } from '../../../src/watch/leftovers.ts'
import { before, named, NOW } from '../../support/watched-backups.ts'

const DAY = 24
const NONE: RetentionFindings = { refusal: undefined, overdue: [], attempts: [], uploads: [] }
const times = { now: NOW, deadAfterMs: 7 * DAY * 3_600_000, graceMs: 3 * DAY * 3_600_000 }

function attempt(
  days: number,
  state: RetentionFindings['attempts'][number]['state'],
): Partial<RetentionFindings> {
  const [found] = named([{ hours: days * DAY, committed: false }]).attempts
  return { attempts: found ? [{ attempt: found, state }] : [] }
}
function upload(days: number, state: 'dead' | 'alive'): Partial<RetentionFindings> {
  return { uploads: [{ upload: { key: 'db/app/x', lastActivity: before(days * DAY) }, state }] }
}
const refusal = (guard: string): Partial<RetentionFindings> => ({
  refusal: { guard, message: 'It refuses.', hint: 'Look.' },
})
const overdue = { overdue: [50, 60].map((days) => ({ id: `${days}`, bytes: 10 })) }

describe('judgeLeftovers', () => {
  it.each([
    ['nothing', NONE, []],
    ['a dead attempt that somebody may still remove', attempt(9, 'dead'), []],
    ['a dead attempt that nobody removes', attempt(11, 'dead'), ['stray-attempts']],
    ['an attempt in which something happens', attempt(11, 'alive'), []],
    ['a removal that broke off today', attempt(1, 'broken-removal'), []],
    ['a removal that broke off last week', attempt(4, 'broken-removal'), ['stray-attempts']],
    ['a manifest that was lost, at once', attempt(0, 'lost-manifest'), ['lost-manifest']],
    ['an upload that somebody may still abort', upload(9, 'dead'), []],
    ['an upload that nobody aborts', upload(11, 'dead'), ['stray-uploads']],
    ['an upload that goes on', upload(11, 'alive'), []],
    ['what should be gone', overdue, ['retention']],
    ['a guard that refuses', refusal('max-delete'), ['guard']],
    ['a guard rather than what it keeps', { ...overdue, ...refusal('max-delete') }, ['guard']],
    ['no guard where backups have stopped, which is told anyhow', refusal('max-age'), []],
  ] as const)('sees %s', (_, findings, found) => {
    const breaches = judgeLeftovers('app', { ...NONE, ...findings }, times)
    expect(breaches.map(({ kind }) => kind)).toEqual(found)
  })

  it('sums what should be gone, and names the oldest', () => {
    expect(judgeLeftovers('app', { ...NONE, ...overdue }, times)).toEqual([
      { kind: 'retention', name: 'app', backups: 2, bytes: 20, oldest: '60' },
    ])
  })
})
