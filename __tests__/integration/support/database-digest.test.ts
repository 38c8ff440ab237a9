import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { fillShop } from '../../../demo/shop.ts'
import type { DigestTarget } from '../../support/database-digest.ts'
import { compareDatabases, compareDigests, digestDatabase } from '../../support/database-digest.ts'
import type { PostgresMajor } from '../../support/postgres-majors.ts'
import { twoMajors } from '../../support/postgres-majors.ts'
import type { PostgresServer } from '../../support/postgres-server.ts'
import { startPostgres } from '../../support/postgres-server.ts'

const majors = await twoMajors()

it('has two majors to test with', () => {
  expect(majors[0].major).toBeLessThan(majors[1].major)
})

describe.each(majors)('the shop on PostgreSQL $major', ({ binDir }: PostgresMajor) => {
  let server: PostgresServer
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-digest-'))
  const target = (database: string): DigestTarget => ({ url: server.url(database), binDir })

  beforeAll(async () => {
    server = await startPostgres({ binDir })
    await fillShop(server, 'shop', { scale: 0.01 })
    const archive = join(folder, 'shop.dump')
    const env = { PATH: process.env['PATH'] ?? '', ...server.environment() }
    execFileSync(join(binDir, 'pg_dump'), ['-Fc', '-f', archive, 'shop'], { env })
    for (const copy of ['copy', 'changed']) {
      await server.psql(`CREATE DATABASE ${copy} TEMPLATE template0`)
      execFileSync(join(binDir, 'pg_restore'), ['--exit-on-error', '-d', copy, archive], { env })
    }
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  it('is equal to itself, whatever else stands on the server', async () => {
    expect(await compareDatabases(target('shop'), target('shop'))).toEqual([])
  })

  it('differs from a plain restore only in what belongs to the database, not in its objects', async () => {
    const differences = await compareDatabases(target('shop'), target('copy'))
    expect(differences.filter((line) => !/^(database|setting) /.test(line))).toEqual([])
    expect(differences).toContain('database "owner" was shop_owner, is postgres')
  })

  it.each([
    ['a value', "UPDATE shop.people SET name = 'Eve' WHERE id = 3", /^rows "shop.staff" was 2 rows/],
    ['a row', 'DELETE FROM public.t WHERE other = 1', /^rows "public.t" was 3 rows .*, is 2 rows/],
    ['text that is NULL', 'UPDATE public.t SET t = NULL WHERE other = 2', /^rows "public.t"/],
    ['a row without columns', 'INSERT INTO public.nothing DEFAULT VALUES', /^rows "public.nothing"/],
    [
      'a large object',
      'SELECT lo_put(content, 2200000, $$x$$) FROM shop.documents WHERE id = 3',
      /^large object /,
    ],
    [
      'a sequence',
      "SELECT nextval('shop.never_called')",
      /^sequence "shop.never_called" was 7 false, is 7 true/,
    ],
    [
      'a right',
      'GRANT SELECT ON shop.documents TO PUBLIC',
      /^schema .*GRANT SELECT ON TABLE shop.documents TO PUBLIC/,
    ],
    ['a table', 'DROP TABLE public.empty', /^rows "public.empty" is missing/],
    [
      'a trigger that is on',
      'ALTER TABLE shop.products ENABLE TRIGGER note_price',
      /^trigger .* was D, is O/,
    ],
    [
      'an emptied view',
      'REFRESH MATERIALIZED VIEW shop.revenue WITH NO DATA',
      /^materialized view "shop.revenue"/,
    ],
  ])('sees a change of %s', async (_what, sql, expected) => {
    const before = await digestDatabase(target('changed'))
    await server.psql(sql, 'changed')
    const differences = compareDigests(before, await digestDatabase(target('changed')))
    expect(differences).toContainEqual(expect.stringMatching(expected))
  })

  it('reads an exported snapshot as it was', async () => {
    const holder = new Client({ connectionString: server.url('changed') })
    await holder.connect()
    try {
      await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      const exported = await holder.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot')
      const before = await digestDatabase(target('changed'))
      await server.psql("INSERT INTO public.t VALUES ('later', 3); CREATE TABLE public.later ()", 'changed')
      const snapshot = exported.rows[0]?.snapshot ?? ''
      const inSnapshot = await digestDatabase({ ...target('changed'), snapshot })
      expect(compareDigests(before, inSnapshot)).toEqual([])
      expect(await compareDatabases(target('changed'), { ...target('changed'), snapshot })).not.toEqual([])
    } finally {
      await holder.end()
    }
  })
})
