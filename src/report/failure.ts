import { inspect } from 'node:util'
import { LifeboatError } from '../errors.ts'

/** What is told of a failure. Lines as they are: whoever writes them removes secrets and makes them harmless. */
export interface Failure {
  /** What happened and what to do; on a runner it becomes the annotation. Never empty. */
  readonly headline: readonly string[]
  /** What made it happen, and for defects where. */
  readonly details: readonly string[]
}

/** Tells anything that was thrown: expected errors by message and hint, all others with their stack. */
export function describeFailure(thrown: unknown): Failure {
  if (thrown instanceof LifeboatError) {
    return { headline: expected(thrown), details: causes(thrown, new Set([thrown])) }
  }
  const headline = [
    ...linesOf(`Unexpected: ${failureMessage(thrown)}`),
    'This is a defect in Lifeboat. Please report it with the lines below.',
  ]
  const stack = isErrorLike(thrown) ? (thrown.stack ?? '').split('\n') : []
  return { headline, details: [...stack, ...causes(thrown, new Set([thrown]))] }
}

/** The failure in one line, for a table. */
export function failureSentence(thrown: unknown): string {
  return failureMessage(thrown)
    .split(/\s*\n\s*/)
    .join(' ')
}

function expected(error: LifeboatError): string[] {
  const lines = linesOf(error.message)
  return error.hint === undefined ? lines : [...lines, ...linesOf(`What to do: ${error.hint}`)]
}

/** The causes below `thrown`, each message once, each level indented; `seen` ends circles. */
function causes(thrown: unknown, seen: Set<unknown>): string[] {
  if (!isErrorLike(thrown)) return []
  const parts: readonly unknown[] = Array.isArray(thrown.errors) ? thrown.errors : []
  const below = thrown.cause === undefined ? parts : [thrown.cause, ...parts]
  return below
    .filter((cause) => !seen.has(cause) && seen.add(cause))
    .flatMap((cause) => {
      const own = cause instanceof LifeboatError ? expected(cause) : linesOf(failureMessage(cause))
      const deeper = causes(cause, seen)
      // Wrapping errors often repeat what they wrap.
      if (failureMessage(thrown).endsWith(failureMessage(cause)) && !(cause instanceof LifeboatError))
        return deeper
      return [`Caused by: ${own[0] ?? ''}`, ...own.slice(1), ...deeper].map((line) => `  ${line}`)
    })
}

function linesOf(text: string): string[] {
  const [first = '', ...rest] = text.split(/\r\n|[\r\n]/)
  return [first, ...rest.filter((line) => line.trim() !== '').map((line) => `  ${line}`)]
}

/**
 * What happened, without hint, causes and stack; it may have several lines. Errors of Node's network stack can have an
 * empty message and say everything in their code or their parts.
 */
export function failureMessage(thrown: unknown): string {
  if (!isErrorLike(thrown)) return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 2 })
  if (thrown instanceof LifeboatError) return thrown.message
  const code = typeof thrown.code === 'string' ? thrown.code : ''
  const name = thrown.name === 'Error' ? '' : thrown.name
  const message = thrown.message === '' ? code : thrown.message
  return [name, message].filter((part) => part !== '').join(': ') || 'Error'
}

interface ErrorLike {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly cause?: unknown
  readonly code?: unknown
  readonly errors?: unknown
}

/** By its shape: an error of another realm (a worker, a test runner) is no `instanceof Error`. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  if (typeof thrown !== 'object' || thrown === null) return false
  return (
    'message' in thrown &&
    typeof thrown.message === 'string' &&
    'name' in thrown &&
    typeof thrown.name === 'string'
  )
}
