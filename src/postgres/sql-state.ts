/** PostgreSQL's five-character code of an error; empty when it is not the server's. */
export function sqlState(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
