import { describe, expect, it } from '@jest/globals'
import { systemClock } from '../../../src/catalog/ports.ts'
import { PROVING, verdictOf, type RungReport } from '../../../src/catalog/verification.ts'
import { LifeboatError } from '../../../src/errors.ts'
import { ClimbEnded, ladder, type Ladder } from '../../../src/proof/ladder.ts'
import { recordingLog } from '../../support/recording-log.ts'

const passed: RungReport = { outcome: 'passed', summary: 'well' }
const newLadder = (): Ladder => ladder({ log: recordingLog(), clock: systemClock })
const throwing = (code: 'damaged' | 'store' | 'store-missing' | 'identity') => () =>
  Promise.reject(new LifeboatError(code, 'shop.orders is gone'))

describe('the ladder', () => {
  it('ends at a rung that fails, and names it', async () => {
    const { climb, rungs } = newLadder()
    await climb('manifest', () => Promise.resolve(passed))
    await expect(climb('stored', throwing('damaged'))).rejects.toBeInstanceOf(ClimbEnded)
    expect(rungs.map(({ rung, outcome }) => [rung, outcome])).toEqual([
      ['manifest', 'passed'],
      ['stored', 'failed'],
    ])
  })

  it('keeps names out of the summary, which is recorded in plain', async () => {
    const { climb, rungs } = newLadder()
    await expect(climb('restored', throwing('damaged'))).rejects.toBeInstanceOf(ClimbEnded)
    expect(rungs[0]?.summary).not.toMatch(/orders/)
    expect(rungs[0]?.findings?.[0]?.found).toMatch(/shop\.orders is gone/)
  })

  it.each(['store', 'identity'] as const)(
    'leaves a rung unmeasured where what is around it fails (%s)',
    async (code) => {
      const { climb, rungs } = newLadder()
      await expect(climb('stored', throwing(code))).rejects.toMatchObject({ code })
      expect(rungs[0]?.outcome).toBe('not-measured')
    },
  )

  it('may try a rung again, which is then as good as the worse of both, in its place', async () => {
    const { climb, rungs } = newLadder()
    const [one, two] = [
      { what: 'a', expected: 'b', found: 'c' },
      { what: 'd', expected: 'e', found: 'f' },
    ]
    await climb('equal', () =>
      Promise.resolve({ outcome: 'not-measured', summary: 'Rows.', findings: [one] }),
    )
    await climb('views', () => Promise.resolve(passed))
    await climb('equal', () => Promise.resolve({ ...passed, summary: 'Settings.', findings: [two] }))
    expect(rungs).toMatchObject([
      { rung: 'equal', outcome: 'not-measured', summary: 'Rows. Settings.', findings: [one, two] },
      { rung: 'views', outcome: 'passed' },
    ])
    const failing = climb('equal', () => Promise.resolve({ outcome: 'failed', summary: 'No.' }))
    await expect(failing).rejects.toBeInstanceOf(ClimbEnded)
    expect(rungs.map(({ outcome }) => outcome)).toEqual(['failed', 'passed'])
  })

  it('goes on above a rung that does not prove the backup', async () => {
    const { climb } = newLadder()
    const failed = await climb('expectations', () => Promise.resolve({ outcome: 'failed', summary: 'no' }))
    expect(failed.outcome).toBe('failed')
  })
})

describe('the verdict', () => {
  const all = PROVING.map((rung) => ({ rung, outcome: 'passed' as const }))

  it('is ok only with every proving rung passed', () => {
    expect(verdictOf(all)).toBe('ok')
    for (const index of all.keys()) expect(verdictOf(all.toSpliced(index, 1))).toBe('partial')
  })

  it('is failed with one of them failed, and never for what stands above them', () => {
    expect(verdictOf([...all.slice(0, 5), { rung: 'equal', outcome: 'failed' }])).toBe('failed')
    expect(verdictOf([...all, { rung: 'time', outcome: 'failed' }])).toBe('ok')
    // Documents are there and are not found: that is not all of search.
    expect(verdictOf([...all, { rung: 'searches', outcome: 'failed' }])).toBe('partial')
    expect(verdictOf([...all.slice(0, 5), { rung: 'searches', outcome: 'failed' }])).toBe('partial')
    expect(verdictOf([...all, { rung: 'searches', outcome: 'skipped' }])).toBe('ok')
  })
})
