import { describe, expect, it } from '@jest/globals'
import { backoff, DEFAULT_RETRIES, retryStrategy } from '../../../../src/storage/s3/retry.ts'

const forever = new AbortController().signal

describe('retryStrategy', () => {
  it('outlasts thirty seconds of a busy store however the dice fall', () => {
    const shortest = Array.from({ length: DEFAULT_RETRIES }, (_, done) => backoff(done, 0))
    expect(shortest.reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(30_000)
    expect(backoff(30, 1)).toBe(8_000)
  })

  it.each([
    ['THROTTLING', 'SlowDown', 429, true],
    ['TRANSIENT', 'InternalError', 500, true],
    ['SERVER_ERROR', 'Unknown', 520, true],
    ['SERVER_ERROR', 'InsufficientStorage', 507, false],
    ['SERVER_ERROR', 'NotImplemented', 501, false],
    ['CLIENT_ERROR', 'AccessDenied', 403, false],
    ['CLIENT_ERROR', 'ConditionalRequestConflict', 409, true],
    ['CLIENT_ERROR', 'PreconditionFailed', 412, false],
  ] as const)('%s %s (%d) is tried again: %s', async (errorType, name, httpStatusCode, again) => {
    const strategy = retryStrategy({ retries: 5, signal: forever, random: () => 0 })
    const error = sdkError(name, httpStatusCode)
    const first = await strategy.acquireInitialRetryToken('')
    const next = strategy.refreshRetryTokenForRetry(first, { errorType, error })
    if (again) expect((await next).getRetryCount()).toBe(1)
    else await expect(next).rejects.toThrow('not to be tried again')
  })

  // The SDK calls all of them transient then.
  it.each([
    ['NoSuchLifecycleConfiguration', 404, 0],
    ['NotFound', 404, 0],
    ['PreconditionFailed', 412, 0],
    ['RequestTimeTooSkewed', 403, 1],
    ['Unknown', 403, 1],
    ['ConditionalRequestConflict', 409, 2],
    ['RequestTimeout', 400, 2],
    ['InternalError', 500, 2],
  ])('tries %s (%d) again %d times, while the clocks differ', async (name, httpStatusCode, times) => {
    const strategy = retryStrategy({ retries: 2, signal: forever, random: () => 0 })
    const { $metadata, ...error } = sdkError(name, httpStatusCode)
    const skewed = { ...error, $metadata: { ...$metadata, clockSkewCorrected: true as const } }
    let token = await strategy.acquireInitialRetryToken('')
    let tries = 0
    const refused = async () => {
      for (; ; tries++)
        token = await strategy.refreshRetryTokenForRetry(token, { errorType: 'TRANSIENT', error: skewed })
    }
    await expect(refused()).rejects.toThrow('not to be tried again')
    expect(tries).toBe(times)
  })

  it('gives up on silence sooner than on refusals', async () => {
    const strategy = retryStrategy({ retries: 11, signal: forever, random: () => 0 })
    const error = sdkError('TimeoutError', undefined)
    let token = await strategy.acquireInitialRetryToken('')
    let tries = 0
    const refused = async () => {
      for (; ; tries++)
        token = await strategy.refreshRetryTokenForRetry(token, { errorType: 'TRANSIENT', error })
    }
    await expect(refused()).rejects.toThrow('not to be tried again')
    expect(tries).toBe(2)
  })

  it('stops waiting when it is cancelled', async () => {
    const controller = new AbortController()
    const strategy = retryStrategy({ retries: 5, signal: controller.signal, random: () => 1 })
    const token = await strategy.acquireInitialRetryToken('')
    const waiting = strategy.refreshRetryTokenForRetry(token, { errorType: 'THROTTLING' })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
  })
})

function sdkError(name: string, httpStatusCode: number | undefined) {
  const $metadata = httpStatusCode === undefined ? {} : { httpStatusCode }
  return { name, message: name, $fault: 'server' as const, $metadata }
}
