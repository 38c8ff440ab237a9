import { setTimeout as sleep } from 'node:timers/promises'
import { LifeboatError } from '../errors.ts'
import { youngGarbage } from '../pipeline/garbage.ts'
import { garbled, hung, refused, unanswered, type Asked } from './failure.ts'

export interface HttpOptions {
  /** `http://127.0.0.1:7700`, without a trailing `/`. */
  readonly host: string
  readonly apiKey: string | undefined
  /** Milliseconds without a byte of an answer, after which it is given up. */
  readonly timeoutMs: number
  /** Milliseconds without a byte of any, after which a request is not sent again either; as often as `retries` where not given. */
  readonly stallMs?: number
  /** How often a request that failed is sent again. */
  readonly retries: number
  readonly signal: AbortSignal
  /** Milliseconds before the first repetition; it doubles. */
  readonly pauseMs?: number
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** With its query; what comes from outside is percent-encoded by who makes it. */
  readonly path: string
  readonly body?: string | Uint8Array
  /** `application/json` where not said. */
  readonly contentType?: string
  /** The action that a key needs for it. */
  readonly right: string
  /**
   * `repeat`: doing it twice does no harm. `once`: sent again only where the server said that it did not do it (429):
   * when an answer is lost, nobody knows whether it was done.
   */
  readonly attempt: 'repeat' | 'once'
  /** The longest body of an answer that is taken: it is in memory as a whole. 64 MB where not said. */
  readonly mostBytes?: number
}

/**
 * Gives the body of a 2xx answer. Throws `connection`, `privilege`, `meilisearch` (`AnswerTooLarge` where it is longer
 * than `mostBytes`), or what `signal` was aborted with.
 */
export type Send = (request: ApiRequest) => Promise<Buffer>

const LONGEST_PAUSE_MS = 30_000
const MOST_BYTES = 64 * 1024 * 1024
const MOST_REFUSAL_BYTES = 1024 * 1024

/** An answer was longer than who asked takes; nothing of it is kept. */
export class AnswerTooLarge extends LifeboatError {
  constructor(asked: Asked, mostBytes: number) {
    const { code, message, hint } = garbled(asked, `it has more than ${mostBytes} bytes`)
    super(code, message, hint === undefined ? {} : { hint })
  }
}

export function meilisearchHttp(options: HttpOptions): Send {
  const { retries, signal, pauseMs = 500, stallMs = Number.POSITIVE_INFINITY } = options
  return async (request) => {
    let heard = performance.now()
    const silence = (): number => performance.now() - heard
    for (let attempt = 0; ; attempt++) {
      const timeoutMs = Math.min(options.timeoutMs, Math.max(1, stallMs - silence()))
      const outcome = await sendOnce(request, { ...options, timeoutMs }, () => (heard = performance.now()))
      if (outcome.body) return outcome.body
      const left = stallMs - silence()
      if (attempt >= retries || left <= 0 || !mayRepeat(request, outcome)) throw outcome.error
      // Spread out, so that several runs do not come back at the same moment.
      const pause = Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** attempt) * (0.75 + Math.random() / 2)
      try {
        await sleep(Math.min(left, Math.max(pause, outcome.waitMs ?? 0)), undefined, { signal })
      } catch {
        throw signal.reason
      }
    }
  }
}

type Outcome =
  | { readonly body: Buffer }
  /** `status` is undefined where no whole answer came. */
  | {
      readonly body?: undefined
      readonly error: Error
      readonly status: number | undefined
      readonly waitMs?: number
    }

function mayRepeat({ attempt }: ApiRequest, { status }: Extract<Outcome, { error: Error }>): boolean {
  if (status === 429) return true
  return attempt === 'repeat' && (status === undefined || status >= 500)
}

async function sendOnce(request: ApiRequest, options: HttpOptions, heard: () => void): Promise<Outcome> {
  const { host, apiKey, timeoutMs, signal } = options
  signal.throwIfAborted()
  const asked: Asked = { ...request, host, withKey: apiKey !== undefined }
  const quiet = new AbortController()
  let timer = setTimeout(() => quiet.abort(), timeoutMs)
  const sawBytes = (): void => {
    heard()
    clearTimeout(timer)
    timer = setTimeout(() => quiet.abort(), timeoutMs)
  }
  try {
    const response = await fetch(`${host}${request.path}`, {
      method: request.method,
      headers: {
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: request.body as string | Uint8Array<ArrayBuffer> }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, quiet.signal]),
    })
    sawBytes()
    const { mostBytes = MOST_BYTES } = request
    const body = await readAll(response, response.ok ? mostBytes : MOST_REFUSAL_BYTES, sawBytes)
    if (!body) throw new AnswerTooLarge(asked, mostBytes)
    if (response.ok) return { body }
    const waitMs = retryAfter(response.headers.get('retry-after'))
    const { status } = response
    return { error: refused(asked, status, body), status, ...(waitMs === undefined ? {} : { waitMs }) }
  } catch (cause) {
    if (signal.aborted) throw signal.reason
    if (cause instanceof AnswerTooLarge) throw cause
    const error = quiet.signal.aborted ? hung(asked, timeoutMs) : unanswered(asked, cause)
    return { error, status: undefined }
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined where there is more than `mostBytes`; then the rest is not waited for. */
async function readAll(
  response: Response,
  mostBytes: number,
  sawBytes: () => void,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = []
  const cameIn = youngGarbage()
  let bytes = 0
  for await (const each of response.body ?? []) {
    const chunk = each as Uint8Array
    sawBytes()
    bytes += chunk.length
    if (bytes > mostBytes) return undefined
    cameIn(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Seconds, as servers write it; a date is not waited for. */
function retryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,4}$/.test(header.trim())
    ? Math.min(Number(header) * 1000, LONGEST_PAUSE_MS)
    : undefined
}
