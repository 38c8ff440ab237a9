import { LifeboatError } from '../../errors.ts'

/** Says what a failed call of the file system means. Errors that are no such call's are passed on as they are. */
export function directoryFailure(error: unknown, directory: string, doing: string): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  const says = (kind: 'store' | 'store-access', why: string, hint: string) =>
    new LifeboatError(kind, `Directory ${directory}: ${doing}: ${why}`, { hint, cause: error })
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return says(
        'store',
        'the disk is full.',
        'Free space or raise the quota, then run this again. Nothing was left.',
      )
    case 'EFBIG':
      return says(
        'store',
        'the file is larger than is allowed here.',
        'Look at the file system and at `ulimit -f`.',
      )
    case 'EACCES':
    case 'EPERM':
      return says(
        'store-access',
        'not allowed.',
        'The user that runs this needs to read and write this directory.',
      )
    case 'EROFS':
      return says('store-access', 'it is mounted read-only.', 'Mount it for writing.')
    case 'ENOTDIR':
    case 'EEXIST':
      return says(
        'store',
        'a file stands where a directory is needed.',
        'Choose another prefix, or move the file away.',
      )
    case 'ENAMETOOLONG':
      return says('store', 'the name is too long for this file system.', 'Choose a shorter name or prefix.')
    case 'ENOTSUP':
    case 'EMLINK':
      return says(
        'store',
        'the file system has no hard links.',
        'Lifeboat needs them, so as never to overwrite.',
      )
    default:
      return says('store', `${code}.`, 'The file system refused; its words are below.')
  }
}

/** The code of a failed system call; inside jest such errors are no `instanceof Error`. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('syscall' in error) || !('code' in error))
    return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
