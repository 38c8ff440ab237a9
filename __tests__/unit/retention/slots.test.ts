import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import type { Golden } from '../../../scripts/restic-golden.ts'
import { catalog, type ListedBackup } from '../../../src/catalog/listing.ts'
import { NO_KEEP, type KeepCounts } from '../../../src/retention/policy.ts'
import { fillSlots, slotOf } from '../../../src/retention/slots.ts'
import { listing } from '../../support/catalog-listing.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../fixtures/restic-forget.json', import.meta.url), 'utf8'),
) as Golden

describe('The keep rules', () => {
  it('are compared with what restic itself said', () => {
    expect(golden.restic).toMatch(/^restic \d/)
    expect(golden.cases.length).toBeGreaterThanOrEqual(30)
  })

  it.each(golden.cases.map((each) => [JSON.stringify(each.keep), each.history, each] as const))(
    'keep with %s of the history "%s" what restic keeps, for the same reasons',
    (_keep, history, { keep, kept }) => {
      const found = fillSlots(backupsAt(golden.histories[history] ?? []), { ...NO_KEEP, ...keep })
      const said = [...found].map(([{ time }, reasons]) => [
        time.toISOString().replace('.000Z', 'Z'),
        reasons.map((reason) => (reason.kind === 'slot' ? `${reason.rule} snapshot` : reason.kind)),
      ])
      expect(Object.fromEntries(said)).toEqual(kept)
    },
  )

  it.each([
    ['2026-11-22T23:59:59Z', '2026-W47'],
    ['2026-11-23T00:00:00Z', '2026-W48'],
    ['2021-01-03T12:00:00Z', '2020-W53'],
    ['2019-12-30T00:00:00Z', '2020-W01'],
    ['1969-12-31T00:00:00Z', '1970-W01'],
  ])('know the ISO week of %s: %s', (time, week) => {
    expect(slotOf('weekly', new Date(time))).toBe(week)
  })

  it('say which of how many slots each backup fills', () => {
    const found = fillSlots(
      backupsAt(['2026-11-20T02:00:00Z', '2026-11-22T02:00:00Z', '2026-11-22T03:00:00Z']),
      {
        ...NO_KEEP,
        daily: 2,
      },
    )
    expect([...found.values()]).toEqual([
      [{ kind: 'slot', rule: 'daily', slot: '2026-11-22', place: 1, of: 2 }],
      [{ kind: 'slot', rule: 'daily', slot: '2026-11-20', place: 2, of: 2 }],
    ])
  })

  it('keep nothing where every count is zero', () => {
    const nothing: KeepCounts = NO_KEEP
    expect(fillSlots(backupsAt(['2026-11-20T02:00:00Z']), nothing).size).toBe(0)
  })
})

function backupsAt(times: readonly string[]): readonly ListedBackup[] {
  const sketches = times.map((time) => ({ time: new Date(time) }))
  return catalog(listing('db/', sketches), 'db/').names[0]?.backups ?? []
}
