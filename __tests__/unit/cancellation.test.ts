import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { listenForCancel, type Cancellation } from '../../src/cancellation.ts'

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
})
