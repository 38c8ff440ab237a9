import { LifeboatError } from '../errors.ts'

const FULL = ['ENOSPC', 'EDQUOT']

/** `error`, or where it says that the disk of `path` is full, one that says what to do: `platform`. */
export function diskFailure(error: unknown, path: string): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  const isFull =
    (typeof code === 'string' && FULL.includes(code)) ||
    (error instanceof LifeboatError && /No space left on device|Disk quota exceeded/.test(error.message))
  if (!isFull) return error
  return new LifeboatError('platform', `The disk is full: ${path} could not be written.`, {
    hint: 'Something else fills it, or the estimate was too low. Use a larger disk; what was written here has been removed.',
    cause: error,
  })
}
