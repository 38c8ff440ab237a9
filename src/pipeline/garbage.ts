import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Bytes that come in between two collections. */
const EVERY = 2 * 1024 * 1024

/**
 * To be told of the bytes of every buffer that comes in; collects young garbage now and then. Buffers of 64 KiB are
 * tiny objects to V8, which therefore hardly ever looks for dead young ones, while their bytes outside its heap make
 * it mark the whole heap, again and again: of node's time up to a half went there. A look at the young ones only
 * takes less than a millisecond, and they are all that there is to collect.
 */
export function youngGarbage(): (bytes: number) => void {
  const collect = collector()
  let since = 0
  return (bytes) => {
    since += bytes
    if (since < EVERY) return
    since = 0
    collect?.({ type: 'minor' })
  }
}

/**
 * For the beginning of a process: the room for young objects stays as small as it is. Left alone V8 doubles it up to
 * twice 32 MB, however few objects live, and a plan of 100,000 backups took 270 MB in place of 190 MB, no faster.
 */
export function keepYoungRoomSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Collects everything: worth its hundredth of a second where large buffers have just become garbage. */
export function collectGarbage(): void {
  collector()?.({ type: 'major' })
}

/** V8 gives its `gc` to contexts that are made while the flag is set, and to no other; undefined where it does not. */
function collector(): ((options: { readonly type: 'minor' | 'major' }) => void) | undefined {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof gc !== 'function') return undefined
  return (options) => {
    Reflect.apply(gc, undefined, [options])
  }
}
