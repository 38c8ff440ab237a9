import { describe, expect, it } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIRST_STATEMENT, SECOND_STATEMENT } from '../../../src/postgres/session-pins.ts'

describe('What a session sends first', () => {
  it('calls nothing: every part sets one setting, and the search path is the first', () => {
    const parts = FIRST_STATEMENT.split('; ')
    expect(parts.length).toBeGreaterThan(20)
    for (const part of parts)
      expect(part).toMatch(/^SET [A-Za-z_]+ TO ([a-z0-9_]+|'[A-Za-z0-9, -]+'|pg_catalog, pg_temp)$/)
    expect(parts[0]).toBe('SET search_path TO pg_catalog, pg_temp')
  })

  it('names pg_catalog for whatever it calls, compares with and casts to', () => {
    expect(namesWithoutSchema(SECOND_STATEMENT)).toEqual([])
    expect(namesWithoutSchema(`SELECT set_config('a', 'b', false)`)).not.toEqual([])
    expect(namesWithoutSchema(`SELECT 1 FROM pg_catalog.pg_settings WHERE name = 'x'`)).not.toEqual([])
    expect(namesWithoutSchema(`SELECT 'a'::text`)).not.toEqual([])
  })
})

describe('A client of the driver', () => {
  it('is made in one place, for one function', () => {
    expect(filesWith(/new (pg\.)?(Strict)?(Client|Pool)\b/)).toEqual(['postgres/connect.ts'])
    expect(filesWith(/import \{[^}]*\bconnect\b[^}]*\} from '\.\/connect\.ts'/)).toEqual([
      'postgres/session.ts',
    ])
  })
})

describe('Programs that open a session', () => {
  const PROGRAMS =
    /'(psql|pg_dump|pg_dumpall|pg_restore|pg_amcheck|pg_basebackup|pg_isready|createdb|dropdb|createuser|vacuumdb|reindexdb|clusterdb)'/g

  it('are pg_dump and pg_restore, whose first statement is a constant that names pg_catalog; no other is started', () => {
    const found = sources().flatMap(({ file, text }) =>
      [...text.matchAll(PROGRAMS)].map(([, name]) => `${file}: ${name ?? ''}`),
    )
    expect([...new Set(found)].sort()).toEqual([
      // Whether it is there, and its --version.
      'postgres/client-tools.ts: pg_dump',
      'postgres/dump.ts: pg_dump',
      // An attribute of roles.
      'postgres/globals.ts: createdb',
      // The name of who said something.
      'postgres/query-failure.ts: pg_dump',
      'postgres/run-pg-restore.ts: pg_restore',
      // Whether it is there.
      'postgres/server-tools.ts: pg_restore',
    ])
  })
})

/** Whatever PostgreSQL would look up along the search path. */
function namesWithoutSchema(sql: string): string[] {
  const bare = sql.replaceAll(/'[^']*'/g, "''").replaceAll(/\b(VALUES|AS \w+) \(/g, '')
  return [
    ...bare.matchAll(/(?<![.\w])\w+\(/g),
    ...bare.replaceAll(/OPERATOR\(pg_catalog\.[^)]+\)/g, '').matchAll(/[=<>~!+*/|-]+/g),
    ...bare.matchAll(/::(?!pg_catalog\.)\w+/g),
    ...bare.matchAll(/(?:FROM|JOIN) (?!pg_catalog\.)[a-z_]\w*/g),
  ]
    .map(([found]) => found)
    .filter((found) => found !== 'OPERATOR(')
}

function sources(): { file: string; text: string }[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(join('src', file), 'utf8') }))
}

function filesWith(pattern: RegExp): string[] {
  return sources().flatMap(({ file, text }) => (pattern.test(text) ? [file] : []))
}
