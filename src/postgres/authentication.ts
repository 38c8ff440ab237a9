import { LifeboatError } from '../errors.ts'

/** Ways to say who we are, by libpq's names; `none` is a server that does not ask. */
const METHODS = ['password', 'md5', 'scram-sha-256', 'none'] as const
export type Method = (typeof METHODS)[number]
/** Known to libpq, and not to us. */
const OTHERS = ['gss', 'sspi', 'oauth']

/**
 * The methods that libpq's `require_auth` leaves: `scram-sha-256`, `password,md5`, `!password,!md5`. Throws `input` for
 * one that is unknown, that contradicts itself, or that leaves none of ours.
 */
export function parseRequireAuth(text: string): ReadonlySet<Method> {
  const words = text.split(',').map((word) => word.trim())
  const names = words.map((word) => word.replace(/^!/, ''))
  const unknown = names.find((name) => ![...METHODS, ...OTHERS].includes(name))
  const negated = words.filter((word) => word.startsWith('!')).length
  if (unknown !== undefined || (negated > 0 && negated < words.length) || new Set(names).size < names.length)
    throw refusedMethods()
  const left = METHODS.filter((method) => names.includes(method) !== negated > 0)
  if (left.length === 0) throw refusedMethods()
  return new Set(left)
}

function refusedMethods(): LifeboatError {
  return new LifeboatError('input', 'The database URL has a require_auth that cannot be kept.', {
    hint: `Name one or several of ${METHODS.join(', ')}, or each with ! before it for those that are not allowed.`,
  })
}

/** What the URL asks of the way in which we prove who we are. */
export interface Demands {
  readonly methods: ReadonlySet<Method> | undefined
  readonly channelBinding: 'disable' | 'prefer' | 'require' | undefined
  readonly encrypted: boolean
  readonly hasPassword: boolean
}

/** What the server wants or says, as node-postgres names its messages. */
export interface AuthenticationMessage {
  readonly name: string
  /** Of SASL. */
  readonly mechanisms?: readonly string[]
}

/**
 * Judges each message of the server's about authentication *before* anything is answered: gives why not, or undefined.
 * As libpq does it, and stricter in one thing: a server that began SCRAM also has to end it, for only its last message
 * proves that it knows the password's verifier.
 */
export function authenticationJudge(
  demands: Demands,
): (message: AuthenticationMessage) => string | undefined {
  const { methods, channelBinding, encrypted, hasPassword } = demands
  let begun: Method = 'none'
  let proven = false
  const allowed = (method: Method): string | undefined =>
    methods === undefined || methods.has(method)
      ? undefined
      : `the server ${ASKED[method]}, which require_auth does not allow`
  const secret = (method: Method): string | undefined => {
    begun = method
    if (channelBinding === 'require' && method !== 'scram-sha-256')
      return `channel_binding=require, but the server ${ASKED[method]}`
    return (
      allowed(method) ??
      (hasPassword ? undefined : `the server ${ASKED[method]}, and the URL holds no password`)
    )
  }
  return ({ name, mechanisms = [] }) => {
    switch (name) {
      case 'authenticationCleartextPassword':
        return secret('password')
      case 'authenticationMD5Password':
        return secret('md5')
      case 'authenticationSASL':
        if (channelBinding === 'require' && !(encrypted && mechanisms.includes('SCRAM-SHA-256-PLUS')))
          return `channel_binding=require, but ${encrypted ? 'the server offers none' : 'the connection has no TLS'}`
        return secret('scram-sha-256')
      case 'authenticationSASLFinal':
        proven = true
        return undefined
      case 'authenticationOk':
        if (begun === 'scram-sha-256')
          return proven ? undefined : 'the server did not prove that it knows the password'
        if (begun !== 'none') return undefined
        if (channelBinding === 'require') return `channel_binding=require, but the server ${ASKED.none}`
        return allowed('none')
      default:
        return undefined
    }
  }
}

const ASKED: Readonly<Record<Method, string>> = {
  password: 'asks for the password in clear',
  md5: 'asks for an MD5 hash of the password',
  'scram-sha-256': 'asks for SCRAM-SHA-256',
  none: 'lets anybody in without asking',
}
