import { LifeboatError } from '../errors.ts'

/**
 * Runs two tasks at the same time, each with a signal that aborts when `signal` does or when the other one fails. Waits for both to end, so that nothing runs on behind an error, and then throws what failed first.
 */
export async function together<A, B>(
  signal: AbortSignal,
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>,
): Promise<[A, B]> {
  const stop = new AbortController()
  const shared = AbortSignal.any([signal, stop.signal])
  const failures: unknown[] = []
  const guard = async <T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await task(shared)
    } catch (error) {
      failures.push(error)
      stop.abort(new LifeboatError('cancelled', 'Stopped, because another part of the backup failed.'))
      throw error
    }
  }
  const [first, second] = await Promise.allSettled([guard(one), guard(other)])
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value]
  throw failures[0]
}
