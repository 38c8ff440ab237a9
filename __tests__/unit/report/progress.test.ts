import { describe, expect, it } from '@jest/globals'
import type { Clock, Log } from '../../../src/catalog/ports.ts'
import { finalLine, progressLine, progressReporter } from '../../../src/report/progress.ts'

const MIB = 2 ** 20

function fixture(): {
  lines: string[]
  log: Log
  clock: Clock
  pass: (milliseconds: number) => void
  every: (intervalMs: number, tick: () => void) => () => void
} {
  const lines: string[] = []
  let now = 1_000
  let next: { at: number; interval: number; tick: () => void } | undefined
  const info = (line: string): void => void lines.push(line)
  return {
    lines,
    log: { info, notice: info, warning: info, debug: info, group: (_, work) => work() },
    clock: { now: () => new Date(now), elapsed: () => now },
    pass(milliseconds) {
      now += milliseconds
      while (next && next.at <= now) {
        next.at += next.interval
        next.tick()
      }
    },
    every(interval, tick) {
      next = { at: now + interval, interval, tick }
      return () => (next = undefined)
    },
  }
}

describe('progress', () => {
  it('is a line every ten seconds, and one at the end', () => {
    const { lines, log, clock, pass, every } = fixture()
    const progress = progressReporter({ log, clock, every, label: 'dump', likelyBytes: 400 * MIB })
    progress.update({ plain: 100 * MIB })
    progress.update({ stored: 20 * MIB })
    pass(5_000)
    expect(lines).toEqual([])
    pass(5_000)
    progress.update({ plain: 150 * MIB, stored: 25 * MIB })
    pass(10_000)
    progress.end()
    pass(60_000)
    expect(lines).toEqual([
      'dump: 100 MiB (25 % of about 400 MiB) at 10.0 MiB/s, 20.0 MiB stored, 10 s',
      'dump: 150 MiB (38 % of about 400 MiB) at 5.00 MiB/s, 25.0 MiB stored, 20 s',
      'dump: 150 MiB in 20 s (7.50 MiB/s), 25.0 MiB stored (6.0 times smaller)',
    ])
  })

  it('says that nothing moves', () => {
    const { lines, log, clock, pass, every } = fixture()
    const progress = progressReporter({ log, clock, every, label: 'dump' })
    progress.update({ plain: MIB })
    pass(10_000)
    pass(10_000)
    expect(lines[1]).toBe('dump: 1.00 MiB, nothing new for 10 s, 0 B stored, 20 s')
  })

  it('counts from zero where an upload begins anew', () => {
    const { lines, log, clock, pass, every } = fixture()
    const progress = progressReporter({ log, clock, every, label: 'dump' })
    progress.update({ plain: 100 * MIB })
    pass(10_000)
    progress.update({ plain: 10 * MIB, stored: 0 })
    pass(10_000)
    expect(lines[1]).toBe('dump: 10.0 MiB at 1.00 MiB/s, 0 B stored, 20 s')
  })

  it('drops an estimate that turned out too small', () => {
    const recent = { bytes: 10, milliseconds: 1000 }
    const line = progressLine({ label: 'd', plain: 20, stored: 0, likelyBytes: 10, elapsedMs: 1000, recent })
    expect(line).toBe('d: 20 B at 10 B/s, 0 B stored, 1.0 s')
  })

  it('says no rate of what was over at once', () => {
    expect(finalLine({ label: 'globals', plain: 900, stored: 400, elapsedMs: 300 })).toBe(
      'globals: 900 B in 0.3 s, 400 B stored (2.3 times smaller)',
    )
  })

  it('does not keep the process alive', () => {
    const { log, clock } = fixture()
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const progress = progressReporter({ log, clock, label: 'dump' })
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before)
    progress.end()
  })
})
