import { isIP } from 'node:net'
import { LifeboatError } from '../errors.ts'
import { r2Endpoint, storeProfile } from '../storage/profile.ts'
import type { R2Jurisdiction, StoreProfile } from '../storage/profile.ts'

export interface Endpoint {
  /** Without a trailing `/`. */
  readonly url: string
  readonly profile: StoreProfile
  /** Whether what is sent can be read on its way. */
  readonly exposed: boolean
}

/**
 * Reads the address of an S3 service. Plain http is taken for this machine and for private networks only.
 * Throws `input`; no message holds a password that stands in the URL.
 */
export function parseEndpoint(text: string): Endpoint {
  const profile = storeProfile(text)
  const { origin, hostname, protocol } = new URL(text)
  if (/(^|\.)r2\.cloudflarestorage\.com$/.test(hostname) && profile.kind !== 'r2') {
    throw new LifeboatError('input', 'is not the endpoint of an R2 account.', {
      hint: 'Write https://<32 hexadecimal digits>.r2.cloudflarestorage.com, with .eu, .fedramp or .us before .r2 for a jurisdiction.',
    })
  }
  const encrypted = protocol === 'https:'
  if (!encrypted && !isPrivate(hostname)) {
    throw new LifeboatError('input', `leads to ${hostname} without encryption.`, {
      hint: 'Use https://; http:// is taken for this machine and private networks only.',
    })
  }
  return { url: origin, profile, exposed: !encrypted && !isLoopback(hostname) }
}

/** The endpoint of `<account id>` or `<account id>.<jurisdiction>`. Throws `input`. */
export function parseR2Account(text: string): Endpoint {
  const [account = '', jurisdiction, ...rest] = text.trim().toLowerCase().split('.')
  if (rest.length > 0 || !isJurisdiction(jurisdiction)) {
    throw new LifeboatError('input', 'has a jurisdiction that R2 does not know.', {
      hint: 'Write the account id alone, or with .eu, .fedramp or .us behind it.',
    })
  }
  const url = r2Endpoint(account, jurisdiction)
  return { url, profile: storeProfile(url), exposed: false }
}

function isJurisdiction(text: string | undefined): text is R2Jurisdiction | undefined {
  return text === undefined || text === 'eu' || text === 'fedramp' || text === 'us'
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || ipv4(host).startsWith('127.')
  )
}

/** RFC 1918, RFC 4193, link-local addresses, and names that only a private network resolves. */
function isPrivate(host: string): boolean {
  if (isLoopback(host)) return true
  if (/^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(ipv4(host))) return true
  if (/^\[f(c|d|e[89ab])/.test(host)) return true
  return /^[^.[\]]+$/.test(host) || /\.(local|lan|internal|intranet|home\.arpa)$/.test(host)
}

function ipv4(host: string): string {
  return isIP(host) === 4 ? host : ''
}
