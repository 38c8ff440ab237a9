import { describe, expect, it } from '@jest/globals'
import { together } from '../../../src/pipeline/together.ts'

const never = new AbortController().signal
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))

describe('together', () => {
  it('gives both results', async () => {
    expect(
      await together(
        never,
        () => Promise.resolve(1),
        () => Promise.resolve('two'),
      ),
    ).toEqual([1, 'two'])
  })

  it('stops the other task when one fails, waits for it, and throws what failed first', async () => {
    let ended = false
    const slow = (signal: AbortSignal): Promise<never> => untilAborted(signal).finally(() => (ended = true))
    await expect(together(never, slow, () => Promise.reject(new Error('first')))).rejects.toThrow('first')
    expect(ended).toBe(true)
  })

  it('hands the caller’s abort to both', async () => {
    const stop = new AbortController()
    const both = together(stop.signal, untilAborted, untilAborted)
    stop.abort()
    await expect(both).rejects.toThrow('stopped')
  })
})
