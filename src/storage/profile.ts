import { LifeboatError } from '../errors.ts'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB
const TIB = 1024 * GIB

/**
 * What a store can do, decided once from its endpoint instead of guessed at every call. Limits of R2 and AWS are
 * from their documentation; what is said of others holds for Ceph's radosgw 16 and is the cautious choice.
 */
export interface StoreProfile {
  readonly kind: 'r2' | 'aws' | 's3'
  /** For people: `R2`. */
  readonly title: string
  /** What requests are signed with where the user names no region. */
  readonly region: string
  /** The bucket stands in the path, not in the host's name. */
  readonly pathStyle: boolean
  /** Object versions exist. R2 answers such questions, but has none. */
  readonly versioning: boolean
  /** `If-None-Match: *` is honoured by PutObject. */
  readonly conditionalPut: boolean
  /**
   * `If-None-Match: *` is honoured by CompleteMultipartUpload. Where it may not be (radosgw before 20 ignores
   * it), a HEAD right before completing stands in: it leaves a gap of milliseconds.
   */
  readonly conditionalComplete: boolean
  /** DeleteObjects may be tried; the SDK sends a CRC32 with it that some stores refuse. */
  readonly batchDelete: boolean
  /** Rules for objects that expire can be read and written through S3. */
  readonly lifecycle: boolean
  readonly minPartBytes: number
  readonly maxPartBytes: number
  readonly maxParts: number
  /** All parts but the last must have the same size, so that it is fixed before the first byte. */
  readonly equalParts: boolean
  readonly maxObjectBytes: number
}

const PART_LIMITS = {
  minPartBytes: 5 * MIB,
  maxPartBytes: 5 * GIB,
  maxParts: 10_000,
  maxObjectBytes: 5 * TIB,
} as const

const R2: StoreProfile = {
  kind: 'r2',
  title: 'R2',
  region: 'auto',
  pathStyle: true,
  versioning: false,
  conditionalPut: true,
  conditionalComplete: true,
  batchDelete: true,
  lifecycle: true,
  equalParts: true,
  ...PART_LIMITS,
}

const AWS: StoreProfile = {
  kind: 'aws',
  title: 'S3',
  region: 'us-east-1',
  pathStyle: false,
  versioning: true,
  conditionalPut: true,
  conditionalComplete: true,
  batchDelete: true,
  lifecycle: true,
  equalParts: false,
  ...PART_LIMITS,
}

const OTHER: StoreProfile = {
  kind: 's3',
  title: 'S3 store',
  region: 'us-east-1',
  pathStyle: true,
  versioning: true,
  conditionalPut: true,
  conditionalComplete: false,
  batchDelete: true,
  lifecycle: true,
  equalParts: false,
  ...PART_LIMITS,
}

const R2_HOST = /^[0-9a-f]{32}\.(?:(?:eu|fedramp|us)\.)?r2\.cloudflarestorage\.com$/
const AWS_HOST = /(?:^|\.)s3(?:[.-][a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?$/
const AWS_REGION = /\bs3(?:-fips)?(?:\.dualstack)?[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/

/** Without an endpoint the store is AWS. Throws `input` when `endpoint` is no http or https address. */
export function storeProfile(endpoint: string | undefined): StoreProfile {
  if (endpoint === undefined) return AWS
  const { hostname } = parseEndpoint(endpoint)
  if (R2_HOST.test(hostname)) return R2
  if (AWS_HOST.test(hostname)) return { ...AWS, region: AWS_REGION.exec(hostname)?.[1] ?? AWS.region }
  return { ...OTHER, title: `S3 store ${hostname}` }
}

export type R2Jurisdiction = 'eu' | 'fedramp' | 'us'

/** `https://<account>[.<jurisdiction>].r2.cloudflarestorage.com`. Throws `input` when `accountId` is none. */
export function r2Endpoint(accountId: string, jurisdiction?: R2Jurisdiction): string {
  const account = accountId.trim().toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(account)) {
    throw new LifeboatError('input', 'The R2 account id is not 32 hexadecimal digits.', {
      hint: 'It stands in the dashboard under R2, "Account details", and in the address of every R2 endpoint.',
    })
  }
  return `https://${account}${jurisdiction === undefined ? '' : `.${jurisdiction}`}.r2.cloudflarestorage.com`
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new LifeboatError('input', 'The endpoint of the store is not an http or https address.', {
      hint: 'It looks like https://<account>.r2.cloudflarestorage.com or https://s3.example.com, without the bucket.',
    })
  }
  if (url.username !== '' || url.password !== '') {
    throw new LifeboatError('input', 'The endpoint of the store holds a user name or a password.', {
      hint: 'Give keys as access-key-id and secret-access-key; they do not belong into an address.',
    })
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new LifeboatError('input', `The endpoint of the store has a path after ${url.origin}.`, {
      hint: 'Give the address without the bucket; the bucket is an input of its own.',
    })
  }
  return url
}
