import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Finding } from '../../../src/catalog/finding.ts'
import { LifeboatError } from '../../../src/errors.ts'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import type { Resolve } from '../../../src/postgres/examine-addresses.ts'
import { databaseExamination } from '../../../src/postgres/examine-database.ts'
import { commandRunner } from '../../../src/postgres/run-command.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { recordingLog } from '../../support/recording-log.ts'

describe('The doctor at a database', () => {
  let server: PostgresServer
  let folder: string
  beforeAll(async () => {
    server = await startPostgres()
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-examine-'))
    await server.psql('CREATE DATABASE sick')
    await server.psql(
      `CREATE ROLE owner_here LOGIN PASSWORD 'owner-password';
       CREATE TABLE forced (id int); ALTER TABLE forced OWNER TO owner_here;
       ALTER TABLE forced ENABLE ROW LEVEL SECURITY;
       CREATE TABLE busy (id int); ALTER TABLE busy OWNER TO owner_here`,
      'sick',
    )
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  async function examine({
    url = server.url('sick'),
    pgBinDir,
    resolve = () => Promise.resolve([{ family: 4 }]),
  }: { url?: string; pgBinDir?: string; resolve?: Resolve } = {}): Promise<
    (what: string) => Partial<Finding>
  > {
    const log = recordingLog()
    const tools = {
      pgBinDir,
      path: process.env['PATH'] ?? '',
      run: commandRunner(childEnvironment({})),
      install: () => Promise.reject(new LifeboatError('client-tools', 'Nothing is brought in a test.')),
    }
    const { connection } = parseConnection(url)
    const examination = databaseExamination({
      connection,
      tools,
      extensions: { ...tools, log },
      resolve,
      log,
    })
    const findings: Finding[] = []
    for await (const finding of examination.examine(new AbortController().signal)) findings.push(finding)
    return (what) => findings.find((each) => each.what === what) ?? {}
  }
  const saying = (state: Finding['state'], found: string): unknown =>
    expect.objectContaining({ state, found: expect.stringContaining(found) as unknown })
  const asOwner = (): string => server.url('sick', { user: 'owner_here', password: 'owner-password' })

  it('advises against a host that has IPv6 addresses only', async () => {
    const of =
      (...families: readonly number[]): Resolve =>
      () =>
        Promise.resolve(families.map((family) => ({ family })))
    const url = server.url('sick').replace('127.0.0.1', 'localhost')
    expect((await examine({ url, resolve: of(6, 6) }))('addresses')).toEqual(
      saying('advice', 'localhost has IPv6 addresses only'),
    )
    for (const resolve of [of(6, 4), of(), () => Promise.reject(new Error('ENOTFOUND'))]) {
      const found = await examine({ url, resolve })
      expect(found('addresses')).toEqual({})
      expect(found('reachable')).toMatchObject({ state: 'passed' })
    }
    const literal = await examine({ url: 'postgresql://u:password1@[::1]:1/sick', resolve: of(4) })
    expect(literal('addresses')).toEqual(saying('advice', '::1 has IPv6 addresses only'))
    expect(literal('reachable')).toEqual(saying('failed', 'Cannot connect'))
  })

  it('sees that client tools are missing, or of another version', async () => {
    const empty = await examine({ pgBinDir: folder })
    expect(empty('client tools')).toEqual(saying('failed', `there is no pg_dump that runs in ${folder}`))
    const program = join(folder, 'pg_dump')
    await writeFile(program, '#!/bin/sh\necho "pg_dump (PostgreSQL) 11.22"\n')
    await chmod(program, 0o755)
    const old = await examine({ pgBinDir: folder })
    expect(old('client tools')).toEqual(
      saying('failed', `is 11.22, but the server is PostgreSQL ${server.major}`),
    )
    await rm(program)
  })

  it('sees that a throwaway server would lack an extension', async () => {
    expect((await examine())('extensions')).toEqual(saying('passed', 'none but plpgsql'))
    // As the catalog of a server with PostGIS says it; such a server is not at hand.
    await server.psql(
      `INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
       SELECT 99999, 'lifeboat_postgis', extowner, extnamespace, false, '3.4' FROM pg_extension LIMIT 1`,
      'sick',
    )
    try {
      const lacking = await examine()
      expect(lacking('extensions')).toEqual(saying('advice', 'lifeboat_postgis: a throwaway server'))
      expect(lacking('extensions').todo).toContain('target-database-url')
      const unknown = await examine({ pgBinDir: folder })
      expect(unknown('extensions')).toEqual(saying('not-checked', 'no server of PostgreSQL'))
    } finally {
      await server.psql('DELETE FROM pg_extension WHERE oid = 99999', 'sick')
    }
  })

  it("sees that rows are hidden even from a table's owner", async () => {
    const owner = await examine({ url: asOwner() })
    expect(owner('row security')).toEqual(saying('passed', 'as their owner'))
    await server.psql('ALTER TABLE forced FORCE ROW LEVEL SECURITY', 'sick')
    const forced = await examine({ url: asOwner() })
    expect(forced('row security')).toEqual(saying('failed', 'forced hide rows from owner_here'))
    expect(forced('row security').todo).toContain('BYPASSRLS')
    expect((await examine())('row security')).toEqual(saying('passed', 'BYPASSRLS'))
  })

  it('says that a table is locked, and waits for nobody', async () => {
    const holder = new pg.Client({ connectionString: server.url('sick') })
    await holder.connect()
    await holder.query('BEGIN; LOCK TABLE busy IN ACCESS EXCLUSIVE MODE')
    try {
      const found = await examine()
      expect(found('tables, schemas, sequences')).toEqual(saying('not-checked', 'busy'))
      expect(found('large objects')).toMatchObject({ state: 'passed' })
    } finally {
      await holder.end()
    }
  })

  it('sees a table that the server itself cannot read', async () => {
    await server.psql('CREATE TABLE lost (id int)', 'sick')
    const path = await server.psql("SELECT pg_relation_filepath('lost')", 'sick')
    await server.psql('CHECKPOINT')
    await rm(join(server.dataDir, path))
    const found = await examine()
    expect(found('tables, schemas, sequences')).toEqual(saying('failed', 'could not open file'))
    expect(found('tables, schemas, sequences').found).toContain('"lost"')
    expect(found('large objects')).toMatchObject({ state: 'passed' })
  })
})
