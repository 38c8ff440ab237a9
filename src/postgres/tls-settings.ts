import { LifeboatError } from '../errors.ts'

/** libpq's own ladder, with libpq's meaning: npm's `pg` alone takes `require` for `verify-full`. */
const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type TlsMode = (typeof TLS_MODES)[number]

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
export type TlsVersion = (typeof VERSIONS)[number]

/** How a connection is encrypted, and what the server has to prove. */
export interface Tls {
  readonly mode: TlsMode
  /** Path of a file, or `system`: the authorities that every browser knows. With `verify-full` also where absent. */
  readonly rootCertificate: string | undefined
  /** Both or neither. */
  readonly certificate: string | undefined
  readonly key: string | undefined
  /** Path of a file with lists of certificates that are revoked. */
  readonly revoked?: string | undefined
  readonly least?: TlsVersion | undefined
  readonly most?: TlsVersion | undefined
}

/** Reads what a URL's query says of TLS. Throws `input`. */
export function parseTls(query: ReadonlyMap<string, string>): Tls {
  const rootCertificate = query.get('sslrootcert') || undefined
  // As libpq: `ssl=true` is JDBC's, and the system's certificates are only used to verify in full.
  const fallback =
    query.get('ssl') === 'true' ? 'require' : rootCertificate === 'system' ? 'verify-full' : 'prefer'
  const text = query.get('sslmode') ?? fallback
  const mode = TLS_MODES.find((known) => known === text)
  if (!mode)
    throw invalid('has an sslmode that PostgreSQL does not know.', `It is one of ${TLS_MODES.join(', ')}.`)
  const [certificate, key] = [query.get('sslcert') || undefined, query.get('sslkey') || undefined]
  const revoked = query.get('sslcrl') || undefined
  const least = parseVersion('ssl_min_protocol_version', query)
  const most = parseVersion('ssl_max_protocol_version', query)
  if (mode === 'verify-ca' && rootCertificate === undefined) {
    throw invalid(
      'has sslmode=verify-ca without sslrootcert.',
      "Name the file with the provider's certificate: sslrootcert=<file>; or write sslmode=verify-full.",
    )
  }
  if (mode !== 'verify-full' && rootCertificate === 'system') {
    throw invalid(
      `has sslrootcert=system with sslmode=${mode}, by which any certificate of anybody would do.`,
      'Write sslmode=verify-full.',
    )
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw invalid(
      `has ${key === undefined ? 'sslcert without sslkey' : 'sslkey without sslcert'}.`,
      'A client certificate needs both files: sslcert=<file>&sslkey=<file>.',
    )
  }
  if (revoked !== undefined && !verifiesCertificate({ mode, rootCertificate })) {
    throw invalid(
      `has sslcrl, but with sslmode=${mode} nobody looks at the certificate.`,
      'Write sslmode=verify-full, with sslrootcert=<file>.',
    )
  }
  if (least === 'TLSv1.3' && most === 'TLSv1.2') {
    throw invalid(
      'has an ssl_min_protocol_version above its ssl_max_protocol_version.',
      'Remove one of them.',
    )
  }
  return {
    mode,
    rootCertificate,
    certificate,
    key,
    ...(revoked !== undefined && { revoked }),
    ...(least !== undefined && { least }),
    ...(most !== undefined && { most }),
  }
}

/** libpq: `require` verifies the chain where there is a root certificate, and nothing where there is none. */
export function verifiesCertificate({
  mode,
  rootCertificate,
}: Pick<Tls, 'mode' | 'rootCertificate'>): boolean {
  return mode.startsWith('verify') || (mode === 'require' && rootCertificate !== undefined)
}

/** The authorities that are believed stand in no file of the user's. */
export function believesWellKnown({ mode, rootCertificate }: Pick<Tls, 'mode' | 'rootCertificate'>): boolean {
  return mode === 'verify-full' && (rootCertificate === undefined || rootCertificate === 'system')
}

function parseVersion(name: string, query: ReadonlyMap<string, string>): TlsVersion | undefined {
  const text = query.get(name)
  if (text === undefined || text === '') return undefined
  const version = VERSIONS.find((known) => known === text)
  if (version) return version
  throw invalid(`has an ${name} that Lifeboat does not speak.`, `It is one of ${VERSIONS.join(', ')}.`)
}

function invalid(what: string, hint: string): LifeboatError {
  return new LifeboatError('input', `The database URL ${what}`, { hint })
}
