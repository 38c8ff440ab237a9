import { describe, expect, it } from '@jest/globals'
import { describeReplica, judgeReplica, type CopyOfBackup } from '../../../src/watch/replica.ts'
import { backupsOf, NOW } from '../../support/watched-backups.ts'

const HOUR = 3_600_000
const rules = { now: NOW, graceMs: 26 * HOUR }

/** Backups of so many hours ago here, and which of them are there. */
function copies(here: readonly number[], there: readonly number[]): CopyOfBackup[] {
  return here.flatMap((hours) =>
    backupsOf(hours).map(({ id, time }) => ({ id, time, isThere: there.includes(hours), differing: [] })),
  )
}

describe('judgeReplica', () => {
  it.each([
    ['everything there', [3, 27, 51], [3, 27, 51], 0],
    ['the newest not yet copied', [3, 27, 51], [27, 51], 0],
    ['the newest not copied in time', [27, 51], [51], 1],
    ['nothing ever copied', [3, 27, 51], [], 2],
    ['only the first, not yet copied', [3], [], 0],
    ['older ones, which its own retention removed', [3, 27, 51, 75], [27], 0],
    ['only some that are not here any more, but are newer', [27, 51], [26, 75], 0],
    ['backups dated in the future, on both sides', [-48, 27, 51], [-48, 51], 1],
    ['one dated in the future, which nobody copied', [-48, 3], [3], 0],
  ])('judges a second store that has %s', (_, here, there, lacking) => {
    const breaches = judgeReplica('app', { copies: copies(here, there), there: backupsOf(...there) }, rules)
    expect(breaches.map((breach) => ('backups' in breach ? breach.backups : 0))).toEqual(
      lacking === 0 ? [] : [lacking],
    )
    expect(breaches.map(({ kind }) => kind)).toEqual(lacking === 0 ? [] : ['replica-behind'])
  })

  it('names the oldest that lacks, and how long it has', () => {
    const [oldest] = backupsOf(51)
    expect(judgeReplica('app', { copies: copies([3, 27, 51], []), there: [] }, rules)).toEqual([
      {
        kind: 'replica-behind',
        name: 'app',
        id: oldest?.id,
        backups: 2,
        ageMs: 51 * HOUR,
        limitMs: 26 * HOUR,
      },
    ])
  })

  it('names the newest backup of which something is short', () => {
    const cut = { file: 'app.dump.xz.age', here: 100, there: 3 }
    const short = copies([3, 27, 51], [3, 27, 51]).map((copy, night) => ({
      ...copy,
      differing: night === 0 ? [] : [cut],
    }))
    expect(judgeReplica('app', { copies: short, there: backupsOf(3, 27, 51) }, rules)).toEqual([
      { kind: 'replica-short', name: 'app', id: short[1]?.id, ...cut, backups: 2 },
    ])
  })

  it('tells what stands there', () => {
    const there = backupsOf(-48, 27, 51)
    expect(describeReplica({ copies: [], there }, NOW)).toMatchObject({
      backups: 3,
      newest: { id: there[1]?.id, ageMs: 27 * HOUR },
    })
    expect(describeReplica({ copies: [], there: [] }, NOW)).toEqual({ backups: 0, newest: undefined })
  })
})
