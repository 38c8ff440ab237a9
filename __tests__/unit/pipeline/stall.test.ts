import { describe, expect, it } from '@jest/globals'
import type { LifeboatError } from '../../../src/errors.ts'
import type { Activity } from '../../../src/pipeline/process-activity.ts'
import { StallWatch } from '../../../src/pipeline/stall.ts'

/** A watch with a limit of 10 s under a clock of its own; `look` after so many seconds gives the error, if any. */
function watched(activity?: (seconds: number) => Activity): {
  watch: StallWatch
  readonly lookAt: (seconds: number) => LifeboatError | undefined
} {
  let time = 0
  let stalled: LifeboatError | undefined
  const processes = activity ? [{ label: 'xz', activity: () => activity(time / 1000) }] : []
  const watch = new StallWatch(
    10_000,
    () => processes,
    (error) => (stalled = error),
    () => time,
  )
  watch[Symbol.dispose]()
  return {
    watch,
    lookAt(seconds) {
      time = seconds * 1000
      watch.look()
      return stalled
    },
  }
}
const never = new Promise<never>(() => undefined)

describe('a stall watch', () => {
  it('speaks when a wait is as long as the limit, and not before', () => {
    const { watch, lookAt } = watched()
    void watch.waitFor('pg_dump', never)
    expect(lookAt(9.9)).toBeUndefined()
    expect(lookAt(10)).toMatchObject({ code: 'stall', message: 'Nothing came out of pg_dump for 10 s.' })
  })

  it('counts only the time in which somebody waits', async () => {
    const { watch, lookAt } = watched()
    await watch.waitFor('pg_dump', Promise.resolve())
    expect(lookAt(1_000)).toBeUndefined()
    void watch.waitFor('pg_dump', never)
    expect(lookAt(1_009)).toBeUndefined()
    expect(lookAt(1_010)).toBeDefined()
  })

  it('takes bytes that move elsewhere for a sign of life', () => {
    const { watch, lookAt } = watched()
    void watch.waitFor('pg_restore', never)
    lookAt(9)
    watch.sawMovement()
    expect(lookAt(18)).toBeUndefined()
    expect(lookAt(19)).toBeDefined()
  })

  it('takes a process that reads, writes or computes for alive', () => {
    for (const grows of ['read', 'written', 'cpu'] as const) {
      const idle = { read: 1, written: 1, cpu: 1 }
      const { watch, lookAt } = watched((seconds) => ({ ...idle, [grows]: Math.min(seconds, 100) }))
      void watch.waitFor('xz', never)
      for (let second = 1; second <= 109; second += 1) expect(lookAt(second)).toBeUndefined()
      expect(lookAt(110)).toBeDefined()
    }
  })

  it('does not take a process that only ticks over for alive', () => {
    const { watch, lookAt } = watched((seconds) => ({ read: 1, written: 1, cpu: seconds * 0.01 }))
    void watch.waitFor('xz', never)
    for (let second = 1; second < 10; second += 1) lookAt(second)
    expect(lookAt(10)).toBeDefined()
  })
})
