import { parseRequireAuth } from './authentication.ts'
import type { Connection } from './connection.ts'
import { verifiesCertificate } from './tls-settings.ts'

const CURE =
  'Add sslmode=verify-full to the URL (with sslrootcert=<file> where the provider signs its certificates itself), ' +
  'or channel_binding=require.'

/**
 * Warns where the password may become known to somebody else than the server that it is for: without TLS, or with a
 * server that proves nothing about itself. SCRAM alone does not send it, so a URL that allows nothing else warns of nothing.
 */
export function exposureWarnings(connection: Connection): string[] {
  const { host, password, tls, channelBinding, requireAuth } = connection
  if (password === undefined || isLocal(host) || channelBinding === 'require') return []
  if (requireAuth !== undefined && !sendsPassword(requireAuth)) return []
  if (['disable', 'allow', 'prefer'].includes(tls.mode)) {
    return [
      `The password for ${host} may travel unencrypted: sslmode=${tls.mode}` +
        `${tls.mode === 'prefer' ? ', which also holds where the URL says nothing,' : ''} ` +
        `${tls.mode === 'disable' ? 'uses no TLS' : 'does without TLS where the server wants that'}. ${CURE}`,
    ]
  }
  if (verifiesCertificate(tls)) return []
  return [`${host} proves nothing about itself: sslmode=require believes every certificate. ${CURE}`]
}

function sendsPassword(requireAuth: string): boolean {
  const methods = parseRequireAuth(requireAuth)
  return methods.has('password') || methods.has('md5')
}

/** What never leaves this machine. */
function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
