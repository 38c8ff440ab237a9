import { resolve4, resolve6 } from 'node:dns/promises'
import { LifeboatError } from '../errors.ts'
import { describeConnection, type Connection } from './connection.ts'

/** Says what a failed connection means and what to do. PostgreSQL's own messages hold no password. */
export async function connectionFailure(connection: Connection, error: unknown): Promise<LifeboatError> {
  const code = errorCode(error)
  const hint = hintFor(code) ?? (await networkHint(connection, code))
  return new LifeboatError('connection', `Cannot connect to ${describeConnection(connection)}.`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  })
}

/** A server that asks for what the URL does not allow: it was told nothing. */
export function refusedAuthentication(connection: Connection, reason: string): LifeboatError {
  return new LifeboatError(
    'connection',
    `Refused to tell the server of ${describeConnection(connection)} who we are: ${reason}.`,
    {
      hint:
        'Nothing was sent. Is it the right server, and nobody in between? If so, either let the server ask for SCRAM over TLS, ' +
        'or change in the URL what it allows (password, channel_binding, require_auth).',
    },
  )
}

function hintFor(code: string): string | undefined {
  switch (code) {
    case '28P01':
      return 'The user or its password is wrong. In a URL the password is percent-encoded: @ is %40, # is %23.'
    case '28000':
      return 'The server does not let this user in from here: look at pg_hba.conf, or at the allowed networks and TLS.'
    case '3D000':
      return 'There is no such database: look at the name behind the last / of the URL.'
    case '53300':
      return 'The server has no connection free. Lifeboat needs four.'
    case '57P03':
      return 'The server is starting or shutting down: try again in a minute.'
    case 'ECONNREFUSED':
      return 'Nothing listens there: look at host and port, and whether the server runs.'
    case 'EAI_AGAIN':
      return "The host's name could not be looked up, since no DNS server answered: try again, and look at this machine's DNS."
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return "The server's certificate is not signed by a known authority: give the provider's with sslrootcert=<file>."
    default:
      return undefined
  }
}

/** Hosted runners speak IPv4 only; Supabase's direct hosts, for one, have IPv6 addresses only. */
async function networkHint({ host }: Connection, code: string): Promise<string | undefined> {
  if (!['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'ENOTFOUND', 'ETIMEDOUT'].includes(code))
    return undefined
  const [four, six] = await Promise.all([
    resolve4(host).catch((): string[] => []),
    resolve6(host).catch((): string[] => []),
  ])
  if (four.length === 0 && (six.length > 0 || /^db\..+\.supabase\.co$/.test(host))) {
    return (
      `${host} has IPv6 addresses only, and hosted runners have no IPv6. On Supabase use the session pooler (the ` +
      'pooler host with port 5432); elsewhere an IPv4 address, or a self-hosted runner.'
    )
  }
  return code === 'ENOTFOUND'
    ? `The name ${host} is not known: look at the host in the URL.`
    : 'No network path leads there: look at firewall and allowed networks.'
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  // Happy Eyeballs: one error for each address that was tried.
  if ('errors' in error && Array.isArray(error.errors)) return errorCode(error.errors[0])
  return ''
}
