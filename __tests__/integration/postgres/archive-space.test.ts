import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { headOf } from '../../../src/postgres/archive-head.ts'
import { ArchiveSpace } from '../../../src/postgres/archive-space.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { restoreEnvironment } from '../../../src/postgres/restore-environment.ts'
import { restoreEntries } from '../../../src/postgres/run-pg-restore.ts'
import { twoMajors } from '../../support/postgres-majors.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { runProgram } from '../../support/run-program.ts'

const MIB = 2 ** 20
const { signal } = new AbortController()

describe.each(await twoMajors())('the space of an archive of pg_dump $major', ({ binDir }) => {
  let folder: string
  let path: string
  let server: PostgresServer
  const tools = { directory: binDir, version: '', environment: {} }

  beforeAll(async () => {
    // In memory: every Linux gives space back there.
    folder = await mkdtemp('/dev/shm/lifeboat-space-')
    path = join(folder, 'archive')
    server = await startPostgres({ binDir })
    for (const name of ['source', 'target']) await server.psql(`CREATE DATABASE ${name}`)
    await server.psql(TABLES, 'source')
    const env = { PATH: process.env['PATH'] ?? '', ...server.environment() }
    await runProgram(join(binDir, 'pg_dump'), ['-Fc', '-Z0', '-f', path, 'source'], { env })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const occupied = async (): Promise<number> => (await stat(path)).blocks * 512

  it('is given back table by table while several jobs restore, all but what is around the rows', async () => {
    const { entries, blocks } = await headOf(
      { kind: 'file', path, done: () => Promise.resolve() },
      { folder, signal },
    )
    const before = { bytes: await readFile(path), occupied: await occupied() }
    const into = parseConnection(server.url('target')).connection
    await using environment = await restoreEnvironment(into, folder)
    const program = { tools, environment: environment.variables, folder: environment.folder, signal }
    const restored: number[] = []
    {
      await using space = new ArchiveSpace(path, blocks)
      const onRestored = (id: number): void => {
        restored.push(id)
        space.restored(id)
      }
      expect(await restoreEntries({ path }, entries, program, { jobs: 2, onRestored })).toMatchObject({
        complaints: [],
      })
    }
    expect(await server.psql(COUNTS, 'target')).toBe(await server.psql(COUNTS, 'source'))
    for (const id of blocks.keys()) expect(restored).toContain(id)

    const large = [...blocks.values()].filter(({ start, end }) => end - start >= 8 * MIB)
    expect(large).toHaveLength(2)
    const given = large.reduce((sum, { start, end }) => sum + end - start, 0)
    expect(before.occupied - (await occupied())).toBeGreaterThan(given - large.length * 2 * 4_096 - 1)
    // Nothing but the rows of the large tables has changed.
    const after = await readFile(path)
    expect(after).toHaveLength(before.bytes.length)
    for (const { start, end } of large) for (const bytes of [before.bytes, after]) bytes.fill(0, start, end)
    expect(after.equals(before.bytes)).toBe(true)
  })
})

/** Two tables of some 12 MB, a small one between them, a large object. */
const TABLES = `
  CREATE TABLE a AS SELECT i, repeat(md5(i::text), 16) AS note FROM generate_series(1, 24000) i;
  CREATE TABLE b AS SELECT i FROM generate_series(1, 1000) i;
  CREATE TABLE c AS SELECT * FROM a;
  SELECT lo_from_bytea(0, convert_to(repeat('large', 1000), 'UTF8'));`

const COUNTS = `SELECT (SELECT md5(string_agg(a::text, '' ORDER BY i)) FROM a),
  (SELECT sum(i) FROM b), (SELECT md5(string_agg(c::text, '' ORDER BY i)) FROM c)`
