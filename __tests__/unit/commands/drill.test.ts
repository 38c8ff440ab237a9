import { describe, expect, it } from '@jest/globals'
import type { ListedBackup } from '../../../src/catalog/listing.ts'
import type { Clock } from '../../../src/catalog/ports.ts'
import type { VerificationOutcome } from '../../../src/catalog/verification-outcome.ts'
import type { ClimbedRung, Rung, RungOutcome } from '../../../src/catalog/verification.ts'
import { drill, type DrillStep } from '../../../src/commands/drill.ts'
import { legOf } from '../../../src/commands/drill-leg.ts'
import { rebuiltLeg } from '../../../src/commands/drill-rebuild.ts'
import { LifeboatError } from '../../../src/errors.ts'
import { recordingLog } from '../../support/recording-log.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const BACKUP = {
  name: 'shop',
  id: '20261122T021500Z-1a2b3c',
  time: new Date('2026-11-22T02:15:00Z'),
  bytes: 9,
} as ListedBackup

const rung = (name: Rung, outcome: RungOutcome = 'passed'): ClimbedRung => ({
  rung: name,
  outcome,
  summary: `${name} says so.`,
  seconds: 1,
})
const PROVED = ['manifest', 'stored', 'opened', 'unpacked', 'restored', 'equal'] as const

function outcome(more: Partial<VerificationOutcome> = {}): VerificationOutcome {
  return {
    backup: BACKUP,
    older: undefined,
    folder: 'db/shop/x/',
    manifest: undefined,
    rungs: [...PROVED.map((name) => rung(name)), rung('negative-control')],
    verdict: 'ok',
    withoutIdentity: false,
    totals: { tables: 1, rows: 2, orphans: 0 },
    seconds: { restore: 4 },
    rtoSeconds: 5,
    notes: [],
    recordKey: undefined,
    failure: undefined,
    ...more,
  }
}
const problems = (more: Partial<VerificationOutcome>): readonly string[] =>
  legOf(outcome(more), { now: NOW }).problems

describe('what a verification says of a recovery', () => {
  it('is passed where all of it held', () => {
    expect(legOf(outcome(), { now: NOW })).toMatchObject({ problems: [], recoverySeconds: 5 })
    expect(legOf(outcome(), { now: NOW }).facts).toContainEqual(['Hours that would be lost', '9.8'])
  })

  it.each([
    ['failed', [rung('negative-control', 'failed')]],
    ['not-measured', [rung('negative-control', 'not-measured')]],
    ['skipped', [rung('negative-control', 'skipped')]],
    ['not there', []],
  ])('is not passed where the negative control is %s', (_, control) => {
    const rungs = [...PROVED.map((name) => rung(name)), ...control]
    expect(problems({ rungs })).toEqual([expect.stringMatching(/^negative-control: /)])
  })

  it('is not passed where a rung above the proof failed, or the time', () => {
    const rungs = [...outcome().rungs, rung('expectations', 'failed'), rung('time', 'failed')]
    expect(problems({ rungs })).toEqual(['expectations: expectations says so.', 'time: time says so.'])
  })

  it('is not passed where the proof is not complete', () => {
    expect(problems({ verdict: 'partial' })).toEqual(['Not everything that proves the backup was measured.'])
    expect(problems({ verdict: 'partial', withoutIdentity: true })).toEqual([
      'Without an identity (age-identities) nothing was restored.',
    ])
  })

  it('says what was not measured, and that nothing was recovered where nothing was restored', () => {
    const rungs = [rung('manifest'), rung('restored', 'not-measured'), rung('time')]
    const notes = ['NOT MEASURED: no server.', 'The server is older.']
    const leg = legOf(outcome({ rungs, notes, verdict: 'partial', seconds: {} }), { now: NOW })
    expect(leg.recoverySeconds).toBeUndefined()
    expect(leg.problems).toEqual([
      'Not everything that proves the backup was measured.',
      'restored: restored says so.',
      'NOT MEASURED: no server.',
    ])
  })

  it('throws what kept it from measuring', () => {
    expect(() => problems({ failure: new LifeboatError('platform', 'No disk.') })).toThrow('No disk.')
  })
})

describe('what a rebuilt search says of a recovery', () => {
  const INDEX = { uid: 'products', sent: 3, indexed: 3, bytes: 90, live: undefined, seconds: 2 }
  const rebuilt = {
    database: 'shop',
    search: 'http://h',
    snapshotTime: NOW,
    indexes: [INDEX, { ...INDEX, uid: 'pages', sent: 4, indexed: 4 }],
    tookMs: 9_000,
    lagMs: 8_000,
    seconds: { swap: 1 },
    notes: [],
  }

  it('is passed within its target', () => {
    const leg = rebuiltLeg(rebuilt, { targetSeconds: 9 })
    expect(leg).toMatchObject({ recoverySeconds: 9, problems: [] })
    expect(leg.facts).toContainEqual(['Documents', '7'])
    expect(leg.checks.map(({ what, outcome: each }) => `${what} ${each}`)).toEqual([
      'index products passed',
      'index pages passed',
      'swap passed',
      'time passed',
    ])
  })

  it('is not passed beyond it', () => {
    expect(rebuiltLeg(rebuilt, { targetSeconds: 8.9 }).problems).toEqual([
      'time: Rebuilt in 9.0 s: longer than the target of 8.9 s.',
    ])
  })
})

describe('a drill', () => {
  let at = 0
  const clock = { now: () => NOW, elapsed: () => (at += 1_000) }
  const run = (
    steps: readonly DrillStep[],
    outcomes: readonly RungOutcome[] = [],
    totalTargetSeconds = 3600,
    on: Clock = clock,
  ) =>
    drill(
      steps,
      outcomes.map(
        (each) => () => Promise.resolve({ what: 'shop', outcome: each, summary: 'no', seconds: 1 }),
      ),
      { log: recordingLog(), clock: on, signal: new AbortController().signal, totalTargetSeconds },
    )
  const good: DrillStep = {
    title: 'Database "shop"',
    targetSeconds: 10,
    recover: () => Promise.resolve({ recoverySeconds: 5, facts: [], checks: [], problems: [] }),
  }
  const bad: DrillStep = {
    ...good,
    title: 'Database "crm"',
    recover: () => Promise.reject(new LifeboatError('platform', 'No disk.', { hint: 'Make room.' })),
  }

  it('is passed where every step and every check is', async () => {
    expect((await run([good], ['passed'])).problems).toEqual([])
  })

  it('goes on after a failure, and tells all of them', async () => {
    const { problems: found, legs, acceptance } = await run([bad, good], ['failed', 'passed'])
    expect(found).toEqual(['Database "crm": No disk. Make room.', 'shop: no'])
    expect([legs.length, acceptance.length]).toEqual([2, 2])
  })

  it('practises what needs a recovery while that is there, and gives each its own time', async () => {
    let milliseconds = 0
    let there = false
    const seen: boolean[] = []
    const dependent = (title: string, takes: number): DrillStep => ({
      ...good,
      title,
      recover: (meanwhile) => {
        milliseconds += takes
        seen.push(there)
        return good.recover(meanwhile)
      },
    })
    const holding: DrillStep = {
      ...good,
      dependents: [dependent('Search', 5_000), dependent('Pictures', 7_000)],
      recover: async (meanwhile) => {
        milliseconds += 2_000
        there = true
        await meanwhile()
        there = false
        milliseconds += 1_000
        return good.recover(meanwhile)
      },
    }
    const still = { now: () => NOW, elapsed: () => milliseconds }
    const { legs, totalSeconds } = await run([holding], [], 3600, still)
    expect(seen).toEqual([true, true])
    expect(legs.map(({ title, seconds }) => [title, seconds])).toEqual([
      ['Database "shop"', 3],
      ['Search', 5],
      ['Pictures', 7],
    ])
    expect(totalSeconds).toBe(15)
  })

  it('practises it all the same where the recovery came not so far', async () => {
    const { legs } = await run([{ ...bad, dependents: [good] }])
    expect(legs.map(({ title }) => title)).toEqual(['Database "crm"', 'Database "shop"'])
    expect(legs[0]?.seconds).toBe(1)
  })

  it('is not passed without a backup, nor when it takes too long', async () => {
    expect((await run([])).problems).toEqual([expect.stringContaining('There is no backup at all')])
    expect((await run([good], [], 0.5)).problems).toEqual([
      expect.stringMatching(/whole drill took \d+ s, longer than the target of 0\.5 s/),
    ])
  })
})
