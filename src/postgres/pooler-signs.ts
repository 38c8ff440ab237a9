export const POOLER_ADVICE =
  'Use the direct host (Neon: the one without "-pooler"; PgBouncer: the server behind it, or pool_mode=session), or on ' +
  'Supabase the session pooler: the pooler host with port 5432.'

/**
 * What in a URL looks like a pooler in transaction mode. It decides nothing: a server may have any name and any port, and
 * so may a pooler. Whoever connects measures it.
 */
export function poolerSign(
  { host, port }: { readonly host: string; readonly port: number },
  parameters: ReadonlyMap<string, string>,
): string | undefined {
  if (parameters.get('pgbouncer') === 'true') return 'pgbouncer=true'
  if (host.includes('-pooler.')) return `the host ${host}`
  return port === 6543 ? 'port 6543' : undefined
}
