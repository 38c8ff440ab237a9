import { LifeboatError } from '../errors.ts'

/** Leaves room for the names below it: an object's key has at most 1,024 bytes. */
const LONGEST = 400

/**
 * A prefix ends in exactly one `/`, or is empty: the bucket's root, asked for as `/`. Without that end `db/app`
 * would also be the beginning of `db/app_staging`. Throws `input`.
 */
export function parsePrefix(text: string): string {
  const path = text.trim().replace(/^\/+|\/+$/g, '')
  if (path === '') return ''
  const segments = path.split('/')
  if (segments.includes('')) throw invalid('holds "//".', 'Write single slashes: db/shop/.')
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw invalid('holds "." or ".." as a folder.', 'Write the folder out: db/shop/.')
  }
  if (segments.some((segment) => segment.startsWith('_lifeboat'))) {
    throw invalid(
      'names a folder "_lifeboat…", where Lifeboat keeps its own records.',
      'Choose another: db/.',
    )
  }
  if (segments.some((segment) => segment !== segment.trim())) {
    throw invalid('holds a folder that begins or ends with a blank.', 'Remove the blank: db/shop/.')
  }
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/u.test(path)) {
    throw invalid(
      'holds a backslash, or a character that cannot be seen.',
      'Write letters, digits, - _ . and /: db/.',
    )
  }
  if (Buffer.byteLength(path) > LONGEST)
    throw invalid(`is longer than ${LONGEST} bytes.`, 'Choose a shorter one: db/.')
  return `${path}/`
}

function invalid(what: string, hint: string): LifeboatError {
  return new LifeboatError('input', what, { hint })
}
