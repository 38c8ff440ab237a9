import { LifeboatError } from '../errors.ts'

/** PostgreSQL's five-character code of an error, or of the one below ours; empty when it is not the server's. */
export function sqlState(error: unknown): string {
  if (error instanceof LifeboatError) return sqlState(error.cause)
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
