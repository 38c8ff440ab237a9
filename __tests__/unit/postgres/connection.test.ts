import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { libpqEnvironment } from '../../../src/postgres/libpq.ts'

const parse = (url: string): ReturnType<typeof parseConnection>['connection'] =>
  parseConnection(url).connection

describe('parseConnection', () => {
  it('takes a URL apart as libpq does', () => {
    expect(parse('postgres://app:s%40cret@db.example.com:6000/shop%20one?sslmode=require')).toMatchObject({
      host: 'db.example.com',
      port: 6000,
      user: 'app',
      password: 's@cret',
      database: 'shop one',
      tls: { mode: 'require' },
    })
  })

  it.each([
    ['postgresql://u@h/d', 'h', 5432],
    ['postgresql://u@[2001:db8::1]:5433/d', '2001:db8::1', 5433],
    ['postgresql://u@/d?host=/var/run/postgresql&port=5999', '/var/run/postgresql', 5999],
    ['postgresql://u@%2Fvar%2Frun/d', '/var/run', 5432],
    ['postgresql+psycopg2://u@h/d', 'h', 5432],
    ['postgresql://u@/d', 'localhost', 5432],
  ])('finds host and port of %s', (url, host, port) => {
    expect(parse(url)).toMatchObject({ host, port })
  })

  it.each(['schema=public', 'pgbouncer=false&connection_limit=5', 'pool_timeout=0'])(
    'drops what an ORM left behind (%s), and says so',
    (query) => {
      const names = query.split('&').map((pair) => pair.split('=')[0] ?? '')
      const { notices } = parseConnection(`postgresql://u:p@h/d?${query}`)
      const dropped = names.filter((name) => name !== 'pgbouncer')
      expect(notices).toHaveLength(dropped.length)
      for (const name of dropped) expect(notices.join()).toContain(name)
    },
  )

  it.each([
    ['mysql://u@h/d', 'is not a PostgreSQL URL'],
    ['u:p@h/d', 'is not a PostgreSQL URL'],
    ['postgresql://u:p@ss@h/d', 'a meaning of its own'],
    ['postgresql://u:p#1@h/d', 'names no user|a meaning of its own|host'],
    ['postgresql://h/d', 'names no user'],
    ['postgresql://u@h', 'names no database'],
    ['postgresql://u@h:99999/d', 'port'],
    ['postgresql://u@h:5a/d', 'port'],
    ['postgresql://u@a,b/d', 'several hosts'],
    ['postgresql://u@h/d?sslmode=always', 'sslmode'],
    ['postgresql://u@h/d?colour=blue', 'does not know: colour'],
    ['postgresql://u%zz@h/d', 'begins no code'],
    ['postgresql://u%0A@h/d', 'line break'],
    ['postgresql://u@h/d?connect_timeout=soon', 'connect_timeout'],
    ['postgresql://u@h/d?sslmode=verify-ca', 'without sslrootcert'],
    ['postgresql://u@h/d?sslmode=require&sslrootcert=system', 'any certificate of anybody'],
    ['postgresql://u@h/d?sslcert=/c', 'sslcert without sslkey'],
    ['postgresql://u@h/d?sslmode=require&sslcrl=/c', 'nobody looks'],
    ['postgresql://u@h/d?sslmode=verify-full&sslrootcert=/a%0Ab', 'line break'],
    ['postgresql://u@h/d?ssl_min_protocol_version=TLSv1', 'does not speak'],
    ['postgresql://u@h/d?ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2', 'above'],
    ['postgresql://u@h/d?channel_binding=always', 'channel_binding'],
    ['postgresql://u@h/d?channel_binding=require&sslmode=disable', 'contradict'],
    ['postgresql://u@h/d?require_auth=gss', 'require_auth'],
    ['postgresql://u@h/d?require_auth=md5,!password', 'require_auth'],
    ['postgresql://u@h/d?require_auth=md5,md5', 'require_auth'],
  ])('refuses %s', (url, reason) => {
    expect(() => parseConnection(url)).toThrow(new RegExp(reason))
  })

  it.each([
    'postgresql://u:p@ep-cool-pooler.eu.neon.tech/d',
    'postgresql://u:p@h/d?pgbouncer=true',
    'postgresql://u:p@aws-0-eu.pooler.supabase.com:6543/postgres',
  ])('says what looks like a pooler, and leaves it to who connects: %s', (url) => {
    expect(parseConnection(url).notices).toContainEqual(
      expect.stringMatching(/pooler in transaction mode: .*measured/),
    )
  })

  it('takes the session pooler of Supabase', () => {
    expect(parse('postgresql://u:p@aws-0-eu.pooler.supabase.com:5432/postgres').port).toBe(5432)
  })

  it('reads sslmode with the meaning that libpq gives it', () => {
    expect(parse('postgresql://u@h/d').tls.mode).toBe('prefer')
    expect(parse('postgresql://u@h/d?ssl=true').tls.mode).toBe('require')
    expect(parse('postgresql://u@h/d?sslrootcert=system').tls.mode).toBe('verify-full')
  })

  it('gives every user, password and database back that was percent-encoded', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((value) => !/[\0\r\n]/.test(value))
    fc.assert(
      fc.property(text, text, text, (user, password, database) => {
        const encoded = [user, password, database].map(encodeURIComponent)
        const url = `postgresql://${encoded[0] ?? ''}:${encoded[1] ?? ''}@h/${encoded[2] ?? ''}`
        expect(parse(url)).toMatchObject({ user, password, database })
      }),
    )
  })

  it('never repeats the URL in an error', () => {
    fc.assert(
      fc.property(fc.string(), (rest) => {
        const url = `postgresql://user:hunter2hunter2@${rest}`
        try {
          parseConnection(url)
        } catch (error) {
          expect(String(error)).not.toContain('hunter2hunter2')
        }
      }),
    )
  })
})

describe('libpqEnvironment', () => {
  it('holds everything but the password', () => {
    const environment = libpqEnvironment(
      parse('postgresql://u:topsecret@h:6000/d?sslmode=verify-ca&sslrootcert=/ca'),
      '/folder',
    )
    expect(environment).toMatchObject({
      PGHOST: 'h',
      PGPORT: '6000',
      PGUSER: 'u',
      PGDATABASE: 'd',
      PGSSLMODE: 'verify-ca',
      PGSSLROOTCERT: '/ca',
      // libpq would look for them in the home folder.
      PGSSLCERT: '/folder/none',
      PGSSLKEY: '/folder/none',
      PGSSLCRL: '/folder/none',
      PGPASSFILE: '/folder/pgpass',
    })
    expect(JSON.stringify(environment)).not.toContain('topsecret')
  })
})
