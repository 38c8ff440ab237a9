import { LifeboatError } from '../errors.ts'

/**
 * Runs all of `tasks` at the same time, each with a signal that aborts when `signal` does or when another task
 * fails. Waits for every one to end, so that nothing runs on behind an error, and then throws what failed first.
 */
export async function together<T extends readonly unknown[]>(
  signal: AbortSignal,
  ...tasks: { [K in keyof T]: (signal: AbortSignal) => Promise<T[K]> }
): Promise<T> {
  const stop = new AbortController()
  const shared = AbortSignal.any([signal, stop.signal])
  const failures: unknown[] = []
  const results = await Promise.allSettled(
    tasks.map((task) =>
      task(shared).catch((error: unknown) => {
        failures.push(error)
        stop.abort(new LifeboatError('cancelled', 'Stopped, because another part of the backup failed.'))
        throw error
      }),
    ),
  )
  if (failures.length > 0) throw failures[0]
  return results.map((result) => (result.status === 'fulfilled' ? result.value : undefined)) as unknown as T
}
