import { LifeboatError } from '../../errors.ts'
import type { Place } from './failure.ts'

/**
 * Watches where each page of a listing says that it goes on; gives it back. Throws where a place comes a second time:
 * such a listing never ends.
 */
export function pageWatch(place: Place): (next: string) => string {
  const seen = new Set<string>()
  return (next) => {
    if (seen.has(next)) {
      throw new LifeboatError(
        'store',
        `${place.description}: a listing never ends: it goes on where it was.`,
        {
          hint: 'The store names the same continuation twice. A proxy that keeps old answers does that, or the store itself: ask whoever runs it.',
        },
      )
    }
    seen.add(next)
    return next
  }
}
