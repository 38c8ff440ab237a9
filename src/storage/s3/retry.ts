import { setTimeout as sleep } from 'node:timers/promises'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { WrongAnswer } from '../wrong-answer.ts'

type Strategy = Extract<NonNullable<S3ClientConfig['retryStrategy']>, { acquireInitialRetryToken: unknown }>
type ErrorInfo = Parameters<Strategy['refreshRetryTokenForRetry']>[1]

export interface RetryRules {
  /** Tries after the first. */
  readonly retries: number
  /** Ends the waiting: what is cancelled is not tried again. */
  readonly signal: AbortSignal | undefined
  /** From 0 to 1, for the jitter. */
  readonly random: () => number
}

export const DEFAULT_RETRIES = 11
/** A connection that stood still for minutes is tried again, but not for the rest of the day. */
const RETRIES_AFTER_SILENCE = 2
/** What is no store's answer may be a proxy's hiccup; a login page stays. */
const RETRIES_AFTER_WRONG_ANSWER = 2
/** A host that never answered is more likely misspelt than busy. */
const RETRIES_UNTIL_FIRST_ANSWER = 3
/** What a store answers to a signature of another time. */
const WRONG_TIME = [400, 401, 403]
const BASE_MS = 500
const LONGEST_MS = 8_000
const LONGEST_HINT_MS = 30_000

/**
 * Exponential backoff, half of each delay random: 0.25–0.5 s, 0.5–1 s, … 4–8 s; eleven of them take 32 to 64
 * seconds. Unlike the SDK's own strategy it has no budget that many uploads of parts use up together, and it ends
 * with its signal.
 */
export function retryStrategy(rules: RetryRules): Strategy {
  let answered = false
  return {
    acquireInitialRetryToken: () => Promise.resolve(token(0)),
    async refreshRetryTokenForRetry(last, info) {
      rules.signal?.throwIfAborted()
      const done = last.getRetryCount()
      answered ||= statusOf(info.error) !== undefined
      if (!isWorthRetrying(info, done) || done >= allowed(info, rules.retries, answered)) {
        throw new Error('not to be tried again')
      }
      await sleep(delay(done, info, rules.random()), undefined, rules.signal ? { signal: rules.signal } : {})
      return token(done + 1)
    },
    recordSuccess() {
      answered = true
    },
  }
}

/** Milliseconds before the try that follows the `done`-th. */
export function backoff(done: number, random: number): number {
  return Math.min(LONGEST_MS, BASE_MS * 2 ** done) * (0.5 + random / 2)
}

function token(count: number) {
  return { getRetryCount: () => count, getRetryDelay: () => 0, getRetryCost: () => undefined }
}

function delay(done: number, info: ErrorInfo, random: number): number {
  const hint = info.retryAfterHint === undefined ? 0 : info.retryAfterHint.getTime() - Date.now()
  return Math.max(backoff(done, random), Math.min(hint, LONGEST_HINT_MS))
}

function allowed(info: ErrorInfo, retries: number, answered: boolean): number {
  if (info.error instanceof WrongAnswer) return Math.min(retries, RETRIES_AFTER_WRONG_ANSWER)
  if (statusOf(info.error) !== undefined) return retries
  if (info.error?.name === 'TimeoutError' && !isBrokenAnswer(info.error))
    return Math.min(retries, RETRIES_AFTER_SILENCE)
  return answered ? retries : Math.min(retries, RETRIES_UNTIL_FIRST_ANSWER)
}

/** Besides what the SDK counts as passing: answers of proxies, broken HTTP, and AWS's own "try again". */
function isWorthRetrying({ errorType, error }: ErrorInfo, done: number): boolean {
  if (errorType === 'THROTTLING' || error instanceof WrongAnswer) return true
  if (errorType === 'TRANSIENT' && !isTakenForSkew(error, done)) return true
  const status = statusOf(error)
  // 501 and 505 will not change, and 507 says that the store is full.
  if (status !== undefined && status >= 500) return ![501, 505, 507].includes(status)
  if (error?.name === 'ConditionalRequestConflict' || error?.name === 'OperationAborted') return true
  return isBrokenAnswer(error)
}

/**
 * While the clocks of store and machine differ by minutes, the SDK counts every refusal as passing, even that there is no
 * such object. A signature of another time is refused once: the next is of the store's.
 */
function isTakenForSkew(error: ErrorInfo['error'], done: number): boolean {
  const status = statusOf(error)
  if (error?.$metadata?.clockSkewCorrected !== true || status === undefined || status >= 500) return false
  return error.name !== 'RequestTimeout' && !(WRONG_TIME.includes(status) && done === 0)
}

/** A connection that broke, as node and its HTTP parser name it. The SDK calls some of them timeouts. */
function isBrokenAnswer(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  return /^(HPE_|ERR_STREAM_PREMATURE_CLOSE$|ECONNRESET$|EPIPE$|ETIMEDOUT$)/.test(code)
}

function statusOf(error: ErrorInfo['error']): number | undefined {
  return error?.$metadata?.httpStatusCode
}
