import { describe, expect, it } from '@jest/globals'
import { recoveryLines } from '../../../src/postgres/recovery.ts'
import type { Server } from '../../../src/postgres/server.ts'

const server: Server = {
  version: '17.2',
  versionNumber: 170_002,
  major: 17,
  systemIdentifier: '1',
  standby: false,
  encoding: 'UTF8',
  collate: 'C',
  ctype: 'C',
  localeProvider: 'libc',
  locale: null,
  owner: 'app',
  databaseBytes: 1,
}

function lines(
  overrides: {
    database?: string
    server?: Partial<Server>
    compression?: string
    recipients?: string[]
  } = {},
): string {
  const { database = 'shop', compression = 'xz:6', recipients = ['age1x'] } = overrides
  const artifact = { bytes: 1, sha256: '0'.repeat(64), plainBytes: 1, compression, recipients }
  return recoveryLines({
    database,
    server: { ...server, ...overrides.server },
    artifacts: [
      { ...artifact, role: 'dump', file: 'shop.dump' },
      { ...artifact, role: 'globals', file: 'shop.globals.sql' },
    ],
    extensions: ['plpgsql', 'citext'],
  }).join('\n')
}

describe('recoveryLines', () => {
  it('decrypts, decompresses and restores with standard programs', () => {
    expect(lines()).toContain('age -d -i key.txt shop.dump | xz -dc | ')
    expect(lines({ compression: 'zstd:3' })).toContain('| zstd -dc |')
    expect(lines({ compression: 'none', recipients: [] })).toContain('cat shop.dump | PGOPTIONS')
  })

  it('creates the database before the globals, which alter it, and both before the rows', () => {
    const text = lines()
    const order = ['createdb ', 'globals', 'pg_restore'].map((word) => text.indexOf(word))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order).not.toContain(-1)
  })

  it('repeats encoding, locale and provider of the source', () => {
    expect(lines()).toContain('--encoding=UTF8 --lc-collate=C --lc-ctype=C')
    expect(lines({ server: { localeProvider: 'icu', locale: 'de-DE' } })).toContain(
      '--locale-provider=icu --icu-locale=de-DE',
    )
    expect(lines({ server: { localeProvider: 'builtin', locale: 'C.UTF-8' } })).toContain(
      '--builtin-locale=C.UTF-8',
    )
  })

  it('quotes a database name for the shell, and for libpq', () => {
    expect(lines({ database: "it's; rm -rf ~" })).toContain(String.raw`-- 'it'\''s; rm -rf ~'`)
    expect(lines({ database: 'a=b' })).toContain(String.raw`-d 'dbname='\''a=b'\'''`)
  })

  it('names the extensions that the new server needs', () => {
    expect(lines()).toContain('with the extensions citext;')
  })

  it('never brings a subscription back, because dropping it drops the slot in production', () => {
    expect(lines()).toContain('--no-subscriptions')
  })
})
