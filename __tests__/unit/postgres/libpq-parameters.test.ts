import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { fateOf, LIBPQ_PARAMETERS, LIBPQ_VARIABLES } from '../../../src/postgres/libpq-parameters.ts'
import { LifeboatError } from '../../../src/errors.ts'

type Outcome = 'kept' | 'dropped' | 'refused'

/** Each parameter of libpq 12 to 18, by its manual, with what becomes of a value. */
const OUTCOMES: readonly (readonly [string, string, Outcome])[] = [
  ['host', 'other', 'kept'],
  ['hostaddr', '192.0.2.1', 'refused'],
  ['port', '6000', 'kept'],
  ['dbname', 'other', 'kept'],
  ['user', 'other', 'kept'],
  ['password', 'other', 'kept'],
  ['passfile', '/p', 'refused'],
  ['service', 's', 'refused'],
  ['servicefile', '/s', 'refused'],
  ['require_auth', 'scram-sha-256', 'kept'],
  ['channel_binding', 'require', 'kept'],
  ['connect_timeout', '10', 'kept'],
  ['options', '-c geqo=off', 'kept'],
  ['client_encoding', 'UTF8', 'dropped'],
  ['application_name', 'a', 'dropped'],
  ['fallback_application_name', 'a', 'dropped'],
  ['keepalives', '1', 'dropped'],
  ['keepalives_idle', '30', 'dropped'],
  ['keepalives_interval', '10', 'dropped'],
  ['keepalives_count', '5', 'dropped'],
  ['tcp_user_timeout', '1000', 'dropped'],
  ['replication', 'true', 'refused'],
  ['sslmode', 'require', 'kept'],
  ['sslrootcert', '/ca', 'kept'],
  ['sslcert', '/c&sslkey=/k', 'kept'],
  ['sslkey', '/k&sslcert=/c', 'kept'],
  ['sslcrl', '/l&sslmode=verify-full', 'kept'],
  ['sslcrldir', '/l', 'refused'],
  ['sslpassword', 'p', 'refused'],
  ['sslcertmode', 'allow', 'kept'],
  ['sslcertmode', 'require', 'refused'],
  ['sslcertmode', 'disable', 'refused'],
  ['sslsni', '1', 'kept'],
  ['sslsni', '0', 'refused'],
  ['sslnegotiation', 'postgres', 'kept'],
  ['sslnegotiation', 'direct', 'refused'],
  ['sslcompression', '0', 'kept'],
  ['sslcompression', '1', 'refused'],
  ['sslkeylogfile', '/k', 'refused'],
  ['ssl_min_protocol_version', 'TLSv1.3', 'kept'],
  ['ssl_max_protocol_version', 'TLSv1.2', 'kept'],
  ['requiressl', '1', 'refused'],
  ['requirepeer', 'postgres', 'refused'],
  ['gssencmode', 'disable', 'kept'],
  ['gssencmode', 'prefer', 'kept'],
  ['gssencmode', 'require', 'refused'],
  ['krbsrvname', 'postgres', 'refused'],
  ['gsslib', 'gssapi', 'refused'],
  ['gssdelegation', '0', 'kept'],
  ['gssdelegation', '1', 'refused'],
  ['min_protocol_version', '3.0', 'kept'],
  ['min_protocol_version', '3.2', 'refused'],
  ['max_protocol_version', '3.0', 'kept'],
  ['max_protocol_version', 'latest', 'refused'],
  ['target_session_attrs', 'any', 'kept'],
  ['target_session_attrs', 'read-write', 'refused'],
  ['load_balance_hosts', 'disable', 'kept'],
  ['load_balance_hosts', 'random', 'refused'],
  ['scram_client_key', 'a', 'refused'],
  ['scram_server_key', 'a', 'refused'],
  ['oauth_issuer', 'https://a', 'refused'],
  ['oauth_client_id', 'a', 'refused'],
  ['oauth_client_secret', 'a', 'refused'],
  ['oauth_scope', 'a', 'refused'],
  ['authtype', 'a', 'refused'],
  ['tty', 'a', 'refused'],
  // Of others, with a meaning that is a promise.
  ['ssl', 'true', 'kept'],
  ['ssl', 'false', 'refused'],
  ['sslaccept', 'accept_invalid_certs', 'kept'],
  ['sslaccept', 'strict', 'refused'],
  ['sslidentity', '/i', 'refused'],
]

describe('A parameter of a connection URL', () => {
  it.each(OUTCOMES)('%s=%s is %s that', (name, value, outcome) => {
    const url = `postgresql://u:p@h/d?${name}=${value}`
    if (outcome === 'refused') {
      const error = caught(() => parseConnection(url))
      expect(error.code).toBe('input')
      expect(`${error.message} ${error.hint ?? ''}`).toContain(name)
      expect(error.hint).toMatch(/\w{4}/)
      return
    }
    const { notices } = parseConnection(url)
    expect(notices).toHaveLength(outcome === 'dropped' ? 1 : 0)
    for (const notice of notices) expect(notice).toContain(name)
  })

  it('stands in this table, whichever libpq knows it', () => {
    const named = new Set(OUTCOMES.map(([name]) => name))
    expect(Object.keys(LIBPQ_PARAMETERS).filter((name) => !named.has(name))).toEqual([])
    for (const parameter of Object.values(LIBPQ_VARIABLES)) expect(fateOf(parameter)).toBeDefined()
  })

  it('stands in the documentation', () => {
    const page = readFileSync(join(resolve(import.meta.dirname, '../../..'), 'docs/database-url.md'), 'utf8')
    for (const name of Object.keys(LIBPQ_PARAMETERS)) expect(page).toContain(`\`${name}`)
  })
})

function caught(call: () => unknown): LifeboatError {
  try {
    call()
  } catch (error) {
    if (error instanceof LifeboatError) return error
    throw error
  }
  throw new Error('it was not refused')
}
