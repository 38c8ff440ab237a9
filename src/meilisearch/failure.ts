import { z } from 'zod'
import { LifeboatError } from '../errors.ts'

/** An answer of Meilisearch that is a refusal: who asked may know what to make of it. */
export class MeilisearchRefusal extends LifeboatError {
  readonly status: number
  /** Meilisearch's own: `index_not_found`; undefined where the answer named none. */
  readonly apiCode: string | undefined

  constructor(
    about: { readonly status: number; readonly apiCode: string | undefined },
    ...[code, message, details]: ConstructorParameters<typeof LifeboatError>
  ) {
    super(code, message, details)
    this.status = about.status
    this.apiCode = about.apiCode
  }
}

/** What was asked, for a sentence about its failure. */
export interface Asked {
  readonly method: string
  readonly path: string
  /** `http://127.0.0.1:7700` */
  readonly host: string
  /** The action that a key needs for it: `documents.get`. */
  readonly right: string
  readonly withKey: boolean
}

const refusal = z.object({ message: z.string(), code: z.string() })

/** The error for an answer with a status that is not 2xx. */
export function refused(asked: Asked, status: number, body: Uint8Array): MeilisearchRefusal {
  const told = parseRefusal(body)
  const line = `${asked.method} ${withoutQuery(asked.path)}`
  const said = told ? `: ${told.message}` : '.'
  const about = { status, apiCode: told?.code }
  const fail = (code: LifeboatError['code'], message: string, hint: string): MeilisearchRefusal =>
    new MeilisearchRefusal(about, code, message, { hint })

  if (status === 401 || (status === 403 && !asked.withKey)) {
    return fail(
      'privilege',
      `Meilisearch at ${asked.host} wants a key for ${line}, and none was sent.`,
      'Give meili-api-key (or MEILI_API_KEY), for a restore target-meili-api-key, from a secret. It is empty where the secret does not exist.',
    )
  }
  if (status === 403) {
    return fail(
      'privilege',
      `Meilisearch at ${asked.host} refuses the key for ${line}${said}`,
      `Either the key is wrong, has expired, or it lacks the action "${asked.right}" or the index (Meilisearch answers alike). ` +
        'Which actions each command needs, docs/meilisearch.md says under Rights.',
    )
  }
  if (status === 404 && told === undefined) {
    return fail(
      'meilisearch',
      `${asked.host} has no ${line}.`,
      'Is that address Meilisearch, without a path or a proxy in between, and of a version that knows this route? Lifeboat was tried with 1.50.',
    )
  }
  if (status === 413) {
    return fail(
      'meilisearch',
      `Meilisearch at ${asked.host} finds the body of ${line} too large${said}`,
      'Start it with a larger --http-payload-size-limit (MEILI_HTTP_PAYLOAD_SIZE_LIMIT): a single document is larger than the limit.',
    )
  }
  if (status >= 300 && status < 400) {
    return fail(
      'meilisearch',
      `${asked.host} sends ${line} on to another address (${status}).`,
      'Give the address that answers itself: often https:// instead of http://.',
    )
  }
  if (status === 429 || status >= 500) {
    return fail(
      'meilisearch',
      `Meilisearch at ${asked.host} answered ${line} with ${status}, again and again${said}`,
      'It is overloaded, starting, or a proxy in front of it cannot reach it: look at its log and its health (GET /health), and run again.',
    )
  }
  return fail(
    'meilisearch',
    `Meilisearch at ${asked.host} refused ${line} (${status})${said}`,
    told
      ? `Its documentation on "${told.code}": https://docs.meilisearch.com/errors#${encodeURIComponent(told.code)}`
      : 'Is that address Meilisearch, without a proxy in between?',
  )
}

/** True where `error` says that there is no such index. */
export function isMissingIndex(error: unknown): boolean {
  return error instanceof MeilisearchRefusal && error.apiCode === 'index_not_found'
}

/** No whole answer came. */
export function unanswered(asked: Asked, cause: unknown): LifeboatError {
  const reason = rootMessage(cause)
  return new LifeboatError(
    'connection',
    `Meilisearch at ${asked.host} gave no whole answer to ${asked.method} ${withoutQuery(asked.path)}: ${reason}`,
    {
      hint: 'Is it running, and can this machine reach it (firewall, private network, http or https)? curl <host>/health tells.',
    },
  )
}

/** `timeoutMs` went by without a byte. */
export function hung(asked: Asked, timeoutMs: number): LifeboatError {
  return new LifeboatError(
    'connection',
    `Meilisearch at ${asked.host} sent nothing for ${Math.round(timeoutMs / 1000)} s in answer to ${asked.method} ${withoutQuery(asked.path)}.`,
    {
      hint: 'It hangs, or something between drops what it sends. Look at its log, restart it, and run again.',
    },
  )
}

/** A body that is not what the protocol says. */
export function garbled(
  asked: Pick<Asked, 'method' | 'path' | 'host'>,
  what: string,
  cause?: unknown,
): LifeboatError {
  return new LifeboatError(
    'meilisearch',
    `${asked.host} answered ${asked.method} ${withoutQuery(asked.path)} with something that is not Meilisearch's: ${what}.`,
    {
      hint: 'Is that address Meilisearch itself? A proxy, a login page or a broken connection answers so.',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

function parseRefusal(body: Uint8Array): z.infer<typeof refusal> | undefined {
  try {
    const parsed = refusal.safeParse(JSON.parse(Buffer.from(body).toString('utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    // Not JSON: a proxy's page, or nothing at all.
    return undefined
  }
}

function withoutQuery(path: string): string {
  return path.replace(/\?.*$/, '')
}

/** `fetch failed` says nothing; what caused it does. */
function rootMessage(error: unknown): string {
  let deepest = error
  while (isObject(deepest) && isObject(deepest['cause'])) deepest = deepest['cause']
  if (!isObject(deepest)) return String(deepest)
  const { message, code } = deepest
  return typeof message === 'string' && message !== '' ? message : String(code)
}

/** Errors of another realm are no instances of this one's Error. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
