import { LifeboatError } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { answerOf, type Refusal } from './answer.ts'

/** What is sent, always by POST. */
export interface Message {
  readonly contentType: 'application/json' | 'text/plain; charset=utf-8'
  readonly body: string
}

export interface SendOptions {
  /** Ends everything. */
  readonly signal: AbortSignal
  /** The longest that one attempt may take, in milliseconds. */
  readonly attemptMs?: number
  /** How long to wait before each further attempt, in milliseconds; as many as there are, so many more attempts. */
  readonly pausesMs?: readonly number[]
}

const ATTEMPT_MS = 10_000
const PAUSES_MS = [1_000, 3_000, 9_000]
const MOST_REDIRECTS = 3

/**
 * Sends a message, again where the receiver is overloaded, broken or silent, and as late as it asks for. Throws
 * `notification` when it was not taken, or when the time is up. No error names the address, which is a secret.
 */
export async function send(url: URL, message: Message, options: SendOptions): Promise<void> {
  const { signal, attemptMs = ATTEMPT_MS, pausesMs = PAUSES_MS } = options
  for (let attempt = 0; ; attempt += 1) {
    const result = await tryOnce(url, message, AbortSignal.any([signal, AbortSignal.timeout(attemptMs)]))
    if (result === 'taken') return
    const pause = pausesMs[attempt]
    const isLast = pause === undefined || !result.again
    const goesOn = !isLast && (await pauseFor(Math.max(pause, result.notBeforeMs ?? 0), signal))
    if (!goesOn) throw notTaken(result, attempt + 1)
  }
}

async function tryOnce(start: URL, message: Message, signal: AbortSignal): Promise<'taken' | Refusal> {
  let url = start
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    let response: Response
    try {
      response = await fetch(withoutPassword(url), {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': message.contentType,
          'user-agent': `lifeboat/${VERSION}`,
          ...authorization(url),
        },
        body: message.body,
        signal,
      })
    } catch (error) {
      return { what: unreachable(error), again: true }
    }
    const answer = await answerOf(response, { url, now: new Date() })
    if (answer === 'taken') return answer
    if (!('to' in answer)) return answer
    url = answer.to
  }
  return { what: 'answers with one redirect after another', again: false }
}

function notTaken({ what, hint }: Refusal, attempts: number): LifeboatError {
  const times = attempts === 1 ? '' : ` (${attempts} attempts)`
  return new LifeboatError('notification', `it ${what}${times}.`, hint === undefined ? {} : { hint })
}

/** A URL with a password is none that fetch takes. */
function withoutPassword(url: URL): URL {
  const plain = new URL(url)
  plain.username = ''
  plain.password = ''
  return plain
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Node's own messages name the host; their codes do not. */
function unreachable(error: unknown): string {
  const names = new Set<string>()
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string') names.add(each.code)
    if (each.name === 'TimeoutError' || each.name === 'AbortError') return 'did not answer in time'
  }
  if (names.has('ENOTFOUND')) return 'has a host that nobody knows (ENOTFOUND)'
  if (names.has('ECONNREFUSED')) return 'cannot be reached: the connection is refused (ECONNREFUSED)'
  const [name] = names
  return name === undefined ? 'cannot be reached' : `cannot be reached (${name})`
}

/** Whether the pause came to its end: false where `signal` ended it. */
function pauseFor(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(!signal.aborted)
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
