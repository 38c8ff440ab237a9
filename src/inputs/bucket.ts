import { fileURLToPath } from 'node:url'
import { LifeboatError } from '../errors.ts'
import type { StoreProfile } from '../storage/profile.ts'

/** The absolute path behind `file:///srv/backups`, undefined where `bucket` is a bucket. Throws `input`. */
export function parseDirectory(bucket: string): string | undefined {
  if (!/^file:/i.test(bucket)) return undefined
  const hint = 'Write file:/// and an absolute path: file:///srv/backups.'
  if (!/^file:\/\/\/[^/]/i.test(bucket) || !URL.canParse(bucket) || /[?#]/.test(bucket)) {
    throw new LifeboatError('input', 'is not the URL of a directory.', { hint })
  }
  if (/(^|\/)(\.|%2e){1,2}(\/|$)/i.test(bucket)) {
    throw new LifeboatError('input', 'holds "." or ".." as a folder.', { hint })
  }
  try {
    const path = fileURLToPath(bucket, { windows: false }).replace(/\/+$/, '')
    if (!path.includes('\0')) return path
  } catch (cause) {
    throw new LifeboatError('input', 'is not the URL of a directory.', { hint, cause })
  }
  throw new LifeboatError('input', 'holds a NUL character.', { hint })
}

/**
 * AWS and R2 take 3 to 63 lower-case letters, digits, hyphens (and, AWS only, dots); other stores have been seen
 * with more. Throws `input`.
 */
export function checkBucket(bucket: string, provider: StoreProfile['kind']): void {
  if (/^[a-z0-9]+:/i.test(bucket) || bucket.includes('/')) {
    throw new LifeboatError('input', 'is not a name of a bucket.', {
      hint: 'Write only the name, shop-backups; a folder in it belongs into prefix, the address into endpoint.',
    })
  }
  const syntax = {
    r2: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    aws: /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    s3: /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/,
  }[provider]
  if (syntax.test(bucket)) return
  throw new LifeboatError('input', 'is not a name that a bucket can have.', {
    hint:
      provider === 's3'
        ? 'It has 3 to 255 letters, digits, dots, hyphens and underscores.'
        : 'It has 3 to 63 lower-case letters, digits and hyphens, and begins and ends with a letter or digit.',
  })
}
