import { LifeboatError } from '../errors.ts'
import { storeProfile, type StoreProfile } from '../storage/profile.ts'
import { checkBucket, parseDirectory } from './bucket.ts'
import { parseEndpoint, parseR2Account, type Endpoint } from './endpoint.ts'
import { didYouMean } from './nearest.ts'
import { parsePrefix } from './prefix.ts'
import type { Problems } from './problems.ts'

/** What `replica` says: everything but whose keys are used. */
export type ReplicaPlace = {
  /** Undefined where the URL says none: the one that the backups stand under here. */
  readonly prefix: string | undefined
} & (
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 's3'
      readonly bucket: string
      readonly region: string
      readonly endpoint: Endpoint | undefined
      readonly provider: StoreProfile['kind']
    }
)

const FORMS =
  'Write s3://<bucket>/<prefix>?region=<region>, with &endpoint=https://… where it is not on AWS; ' +
  'r2://<account id>/<bucket>/<prefix>; or file:///<directory>?prefix=<prefix>.'

/**
 * Reads bucket, endpoint and prefix from one URL:
 *
 * - `s3://shop-copy/db?region=eu-central-1`, `s3://shop-copy/db?endpoint=https://s3.example.com`
 * - `r2://<account id>[.<jurisdiction>]/shop-copy/db`
 * - `file:///mnt/nas?prefix=db`
 *
 * Adds all that is wrong to `problems` as `replica`; then what it gives, if anything, is of no use. No message repeats the
 * URL: somebody may have put a key into it.
 */
export function parseReplicaUrl(text: string, problems: Problems): ReplicaPlace | undefined {
  const scheme = /^([a-z0-9]+):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'file') return readDirectory(text, problems)
  if ((scheme !== 's3' && scheme !== 'r2') || !URL.canParse(text) || /\s/.test(text)) {
    problems.add('replica', `is not the URL of a store. ${FORMS}`)
    return undefined
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    problems.add(
      'replica',
      'holds a user name or a password. Its keys are REPLICA_ACCESS_KEY_ID and REPLICA_SECRET_ACCESS_KEY in the ' +
        'environment. If a real key stood in the URL, change it.',
    )
    return undefined
  }
  if (url.hash !== '') problems.add('replica', `holds "#". ${FORMS}`)
  return scheme === 's3' ? readS3(text, url, problems) : readR2(text, url, problems)
}

function readS3(text: string, url: URL, problems: Problems): ReplicaPlace | undefined {
  if (url.port !== '') {
    problems.add(
      'replica',
      'has a host and a port where the bucket belongs. Write s3://<bucket>/<prefix>?endpoint=https://….',
    )
  }
  const settings = readSettings(url, ['endpoint', 'region'], problems)
  const address = settings.get('endpoint')
  const endpoint =
    address === undefined
      ? undefined
      : problems.attempt('replica', () => inPart('endpoint', address, parseEndpoint))
  const profile = endpoint?.profile ?? storeProfile(undefined)
  const region = readRegion(settings.get('region'), { profile, guessed: address === undefined }, problems)
  const bucket = url.hostname
  return finish({ text, bucket, path: url.pathname, region, endpoint, profile }, problems)
}

function readR2(text: string, url: URL, problems: Problems): ReplicaPlace | undefined {
  readSettings(url, [], problems)
  const endpoint = problems.attempt('replica', () => inPart('account', url.host, parseR2Account))
  const [, bucket = '', ...path] = url.pathname.split('/')
  const profile = endpoint?.profile ?? storeProfile(`https://${'0'.repeat(32)}.r2.cloudflarestorage.com`)
  return finish(
    { text, bucket, path: `/${path.join('/')}`, region: profile.region, endpoint, profile },
    problems,
  )
}

function finish(
  read: {
    readonly text: string
    readonly bucket: string
    readonly path: string
    readonly region: string | undefined
    readonly endpoint: Endpoint | undefined
    readonly profile: StoreProfile
  },
  problems: Problems,
): ReplicaPlace | undefined {
  const { text, bucket, path, region, endpoint, profile } = read
  problems.attempt('replica', () => inPart('bucket', bucket, (name) => checkBucket(name, profile.kind)))
  const prefix = /^\/*$/.test(path) ? undefined : readPrefix(decodedPath(text, path, problems), problems)
  if (region === undefined) return undefined
  return { kind: 's3', bucket, region, endpoint, provider: profile.kind, prefix }
}

function readDirectory(text: string, problems: Problems): ReplicaPlace | undefined {
  const at = text.indexOf('?')
  const path = problems.attempt('replica', () => parseDirectory(at < 0 ? text : text.slice(0, at)))
  const settings =
    at < 0 ? undefined : readSettings(new URL(`file:///${text.slice(at)}`), ['prefix'], problems)
  const prefix = readPrefix(settings?.get('prefix'), problems)
  return path === undefined ? undefined : { kind: 'directory', path, prefix }
}

function readPrefix(text: string | undefined, problems: Problems): string | undefined {
  return text === undefined
    ? undefined
    : problems.attempt('replica', () => inPart('prefix', text, parsePrefix))
}

/** A URL drops `.` and `..` silently, so they are looked for in what was written. */
function decodedPath(text: string, path: string, problems: Problems): string | undefined {
  if (/\/(\.|%2e){1,2}(?=[/?#]|$)/i.test(text.replace(/\?.*$/, ''))) {
    problems.add('replica', 'holds "." or ".." as a folder. Write the folder out.')
    return undefined
  }
  try {
    return decodeURIComponent(path)
  } catch {
    problems.add('replica', 'holds a "%" that is not followed by two hexadecimal digits. Write %25 for "%".')
    return undefined
  }
}

/** `auto` is what the store's profile says; on AWS only an endpoint tells more than nothing. */
function readRegion(
  text: string | undefined,
  { profile, guessed }: { profile: StoreProfile; guessed: boolean },
  problems: Problems,
): string | undefined {
  if ((text === undefined || text === 'auto') && guessed) {
    problems.add(
      'replica',
      'names no region. Without an endpoint the bucket is on AWS: append ?region=eu-central-1 (its own), or ' +
        '?endpoint=https://….',
    )
    return undefined
  }
  if (text !== undefined && !/^[A-Za-z0-9-]{1,64}$/.test(text)) {
    problems.add('replica', 'region: is no name of a region. Write for example eu-central-1.')
    return undefined
  }
  return text === undefined || text === 'auto' ? profile.region : text
}

function readSettings(url: URL, known: readonly string[], problems: Problems): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of url.searchParams) {
    if (!known.includes(key)) {
      const name = /^[A-Za-z-]{1,30}$/.test(key) ? `"${key}"` : 'a setting'
      const there = known.length === 0 ? 'there are none for r2://' : `there is ${known.join(' and ')}`
      problems.add(
        'replica',
        `has ${name} behind "?", which does not exist: ${there}.${didYouMean(key, known)}`,
      )
    } else if (found.has(key)) problems.add('replica', `names its ${key} twice.`)
    else if (value.trim() !== '') found.set(key, value.trim())
  }
  return found
}

/** A parser's complaint begins with what it is about. */
function inPart<T>(part: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof LifeboatError)) throw error
    throw new LifeboatError('input', `${part}: ${error.message}`, {
      ...(error.hint !== undefined && { hint: error.hint }),
      cause: error,
    })
  }
}
