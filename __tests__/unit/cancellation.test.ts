import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { listenForCancel, notLongAfter, type Cancellation } from '../../src/cancellation.ts'

/** When a runner that cancels sends SIGTERM after SIGINT, and SIGKILL after that. */
const [SIGTERM_MS, SIGKILL_MS] = [7_500, 10_000]

describe('a cancel', () => {
  const said: string[] = []
  let cancellation: Cancellation
  beforeEach(() => {
    jest.useFakeTimers()
    said.length = 0
    cancellation = listenForCancel({ info: (text) => said.push(text) })
  })
  afterEach(() => {
    cancellation[Symbol.dispose]()
    jest.useRealTimers()
  })

  it('is the reason with which everything stops', () => {
    expect(cancellation.signal.aborted).toBe(false)
    process.emit('SIGTERM', 'SIGTERM')
    expect(cancellation.signal.reason).toMatchObject({
      code: 'cancelled',
      message: 'The run was cancelled (SIGTERM); nothing more was committed.',
    })
    expect(said).toEqual(['SIGTERM: stopping, and aborting what is being written.'])
  })

  it('leaves no time for telling others from before the runner loses patience', () => {
    process.emit('SIGINT', 'SIGINT')
    expect(cancellation.late.aborted).toBe(false)
    jest.advanceTimersByTime(SIGTERM_MS)
    expect(cancellation.late.aborted).toBe(true)
  })

  it('leaves as much time when it is repeated', () => {
    process.emit('SIGINT', 'SIGINT')
    jest.advanceTimersByTime(SIGTERM_MS - 2_000)
    process.emit('SIGTERM', 'SIGTERM')
    expect(cancellation.late.aborted).toBe(false)
    jest.advanceTimersByTime(SIGKILL_MS - SIGTERM_MS)
    expect(cancellation.late.aborted).toBe(true)
  })

  it('is not waited for when a run has ended by itself, which may tell for a minute', () => {
    cancellation.telling()
    jest.advanceTimersByTime(59_000)
    expect(cancellation.late.aborted).toBe(false)
    jest.advanceTimersByTime(1_000)
    expect(cancellation.late.aborted).toBe(true)
  })

  it('ends what no signal reaches before the runner loses patience, and says so', async () => {
    const warned: string[] = []
    const log = { warning: (text: string) => warned.push(text) }
    const deaf = notLongAfter(cancellation.signal, new Promise(() => undefined), log)
    const ended = expect(deaf).rejects.toMatchObject({ code: 'cancelled' })
    process.emit('SIGINT', 'SIGINT')
    jest.advanceTimersByTime(SIGTERM_MS - 1_500)
    await ended
    expect(warned).toHaveLength(1)
  })

  it('changes nothing where the work ends by itself', async () => {
    const log = { warning: () => expect(true).toBe(false) }
    expect(await notLongAfter(cancellation.signal, Promise.resolve(7), log)).toBe(7)
    process.emit('SIGINT', 'SIGINT')
    jest.advanceTimersByTime(SIGKILL_MS)
  })
})
