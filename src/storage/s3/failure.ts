import { LifeboatError } from '../../errors.ts'

/** What a message needs to name. None of it is secret. */
export interface Place {
  /** `R2 bucket shop-backups` */
  readonly description: string
  readonly bucket: string
  /** `https://host:port`, or undefined for AWS. */
  readonly endpoint: string | undefined
}

export interface FailureFacts {
  /** The store's own code, `AccessDenied`, or the error's name. */
  readonly name: string
  /** Of a system call that failed; else empty. */
  readonly code: string
  readonly status: number | undefined
  readonly message: string
}

/**
 * Says what a failed request means. `doing` continues the place: `cannot write db/app/x`. The store's own words
 * are the cause, shown below; they hold no secret (request ids, keys, the access key's id at most).
 */
export function storeFailure(error: unknown, place: Place, doing: string): LifeboatError {
  const known = lifeboatErrorIn(error)
  if (known) return known
  const facts = failureFacts(error)
  const says = (code: 'store' | 'store-access' | 'store-missing', why: string, hint: string) =>
    new LifeboatError(code, `${place.description}: ${doing}: ${why}`, { hint, cause: error })

  if (
    facts.name === 'NoSuchBucket' ||
    (facts.status === 404 && facts.name === 'NotFound' && doing === LISTING)
  ) {
    return says(
      'store-access',
      `there is no bucket ${place.bucket}.`,
      'Check the name of the bucket, and that endpoint or account id and region are those it lives in.',
    )
  }
  if (facts.name === 'RequestTimeTooSkewed') {
    return says(
      'store',
      "this machine's clock differs from the store's.",
      'Set the clock of this machine (NTP).',
    )
  }
  if (isFull(facts)) {
    return says(
      'store',
      'the store has no space left.',
      'Free or buy space, or raise the quota; then run this again.',
    )
  }
  if (facts.name === 'SignatureDoesNotMatch' || facts.name === 'InvalidAccessKeyId') {
    return says(
      'store-access',
      'the store does not know these keys.',
      'Check access-key-id and secret-access-key: copied in full, of this account, neither revoked nor expired.',
    )
  }
  if (/Expired/.test(facts.name)) {
    return says(
      'store-access',
      'the credentials have expired.',
      'Use credentials that outlive the run, or role-to-assume.',
    )
  }
  if (facts.status === 401 || facts.status === 403) {
    return says(
      'store-access',
      `the store refuses it (${facts.name}).`,
      'Check that these keys may read, write and list this bucket, and that no policy or bucket lock forbids it.',
    )
  }
  if (/Credential/.test(facts.name)) {
    return says('store-access', 'there are no credentials.', 'Give keys for the store, or role-to-assume.')
  }
  if (
    facts.status === 301 ||
    facts.name === 'PermanentRedirect' ||
    facts.name === 'AuthorizationHeaderMalformed'
  ) {
    return says(
      'store-access',
      'the bucket lives in another region.',
      'Set region to where the bucket was made.',
    )
  }
  if (facts.name === 'NoSuchKey' || facts.name === 'NotFound') {
    return says(
      'store-missing',
      'there is no such object.',
      'List what the store holds; it may have been removed.',
    )
  }
  if (facts.status !== undefined) {
    return says(
      'store',
      `the store answered ${facts.status} ${facts.name}, after retries.`,
      facts.status >= 500 || facts.status === 429
        ? 'The trouble is on its side: look at its status page, and run this again.'
        : 'The store does not do what was asked of it; its answer is below.',
    )
  }
  return says('store', unreachable(facts, place), `Check the endpoint, this machine's network and its proxy.`)
}

/** `doing` of a request where "not found" can only mean the bucket. */
export const LISTING = 'cannot list'

/** The store says that an object stands where we wanted to write. */
export function isConflict(error: unknown): boolean {
  const { name, status } = failureFacts(error)
  return status === 412 || name === 'PreconditionFailed'
}

/** There is no such object, version or upload, in the store's own words (`NotFound` is the SDK's, of a HEAD). */
export function isNotFound(error: unknown): boolean {
  const { name, status } = failureFacts(error)
  return status === 404 && /^(NoSuch(Key|Version|Upload)|NotFound)$/.test(name)
}

/** The store does not know such a request. */
export function isUnsupported(error: unknown): boolean {
  const { name, status } = failureFacts(error)
  return status === 501 || status === 405 || name === 'NotImplemented' || name === 'MethodNotAllowed'
}

function unreachable(facts: FailureFacts, place: Place): string {
  const host = place.endpoint ?? "AWS's endpoint"
  if (facts.code === 'ENOTFOUND' || facts.code === 'EAI_AGAIN')
    return `${host} has no address (${facts.code}).`
  if (facts.name === 'TimeoutError') return `${host} stopped answering.`
  return `${host} cannot be reached, or breaks the connection (${facts.code || facts.name}).`
}

function isFull({ name, status }: FailureFacts): boolean {
  return status === 507 || /Quota|InsufficientStorage|XMinioStorageFull|NoSpace/.test(name)
}

/** An error of ours that went through the SDK, which may have wrapped it. */
function lifeboatErrorIn(error: unknown): LifeboatError | undefined {
  for (let at = error, depth = 0; depth < 5 && typeof at === 'object' && at !== null; depth++) {
    if (at instanceof LifeboatError) return at
    at = 'cause' in at ? at.cause : undefined
  }
  return undefined
}

/** What an error of the SDK says, whatever it is. */
export function failureFacts(error: unknown): FailureFacts {
  if (typeof error !== 'object' || error === null) {
    return { name: String(error), code: '', status: undefined, message: '' }
  }
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : undefined
  const message = 'message' in error && typeof error.message === 'string' ? error.message : ''
  return { name, code, status: typeof status === 'number' ? status : undefined, message }
}
