import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { setHostileDefaults, STOLEN } from '../support/hostile-defaults.ts'
import { meilisearchTarget, type MeilisearchTarget } from '../support/meilisearch-target.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { recordStatements, type StatementRecorder } from '../support/statement-recorder.ts'

const LOGIN = { user: 'lifeboat', password: 'a-long-random-password' }

/** What the owner of a database can do to whoever comes: every command that opens a session meets it. */
describe('Defaults of a database and of a role, set by somebody hostile,', () => {
  let folder: string
  let keys: KeyPair
  let server: PostgresServer
  let target: PostgresServer
  let search: MeilisearchTarget
  let source: StatementRecorder
  let there: StatementRecorder

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-hostile-'))
    keys = await keyPair()
    ;[server, target, search] = await Promise.all([startPostgres(), startPostgres(), meilisearchTarget()])
    await search.clear()
    await server.psql(`CREATE ROLE lifeboat LOGIN BYPASSRLS PASSWORD '${LOGIN.password}';
      GRANT pg_read_all_data TO lifeboat; CREATE DATABASE shop TEMPLATE template0`)
    await server.psql(
      `CREATE TABLE orders (id int PRIMARY KEY, note text, paid timestamptz DEFAULT now(), product_id int);
       INSERT INTO orders SELECT g, 'žluť\\' || g FROM generate_series(1, 100) g; CREATE SEQUENCE s;
       CREATE TABLE products (id int PRIMARY KEY); CREATE VIEW v AS SELECT * FROM orders; SELECT lo_from_bytea(7, 'x'); GRANT SELECT ON LARGE OBJECT 7 TO lifeboat;
       ALTER TABLE orders ADD FOREIGN KEY (product_id) REFERENCES products NOT VALID`,
      'shop',
    )
    await setHostileDefaults(server, 'shop', ['lifeboat'])
    await target.psql('CREATE DATABASE shop TEMPLATE template0; CREATE DATABASE empty TEMPLATE template0')
    await setHostileDefaults(target, 'postgres', ['postgres'])
    ;[source, there] = await Promise.all([recordStatements(server), recordStatements(target)])
    await writeFile(
      join(folder, 'search.yml'),
      `indexes:\n  - uid: orders\n    primary-key: id\n    query: SELECT id, note FROM orders WHERE id <= 10\n    settings: {}\n`,
    )
    await writeFile(
      join(folder, 'expectations.yml'),
      `tables: [orders]\nqueries:\n  - {name: rows, query: "SELECT count(*) FROM v WHERE id > 0", equals: "100"}\n` +
        `freshness: [{column: orders.paid, at-most: 1h}]\nreferences: [{from: orders.product_id, to: products.id}]\n`,
    )
  })
  afterAll(async () => {
    for (const each of [source, there, search, server, target]) await each[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const run = async (inputs: Record<string, string>): Promise<ActionResult> => {
    const result = await runAction({
      inputs: { bucket: pathToFileURL(join(folder, 'bucket')).href, ...inputs },
      env: {
        ...(inputs['command'] === 'backup' && { AGE_RECIPIENT: keys.recipient }),
        ...(/restore|drill/.test(inputs['command'] ?? '') && { AGE_IDENTITY: keys.identity }),
        ...(/backup|doctor|reindex/.test(inputs['command'] ?? '') && {
          DATABASE_URL: source.url('shop', LOGIN),
        }),
      },
    })
    expect(`${result.log}${server.log()}${target.log()}`).not.toContain(STOLEN)
    return result
  }
  const expectations = (): string => join(folder, 'expectations.yml')

  it('do not reach a backup, nor what it stores', async () => {
    const { log, exitCode } = await run({ command: 'backup' })
    expect(log).not.toMatch(/^::error/m)
    expect(exitCode).toBe(0)
  })

  it('do not reach doctor', async () => {
    const { log } = await run({ command: 'doctor' })
    expect(log).toMatch(/can read all 2 tables/)
    expect(log).toMatch(/row security.*no table has any/)
  })

  it('do not reach reindex, whose queries see the tables of the path all the same', async () => {
    const inputs = {
      command: 'reindex',
      reindex: join(folder, 'search.yml'),
      'target-meili-host': search.url,
      'target-meili-api-key': search.masterKey,
    }
    const result = await runAction({ inputs, env: { DATABASE_URL: source.url('shop', LOGIN) } })
    expect(`${result.log}${server.log()}`).not.toContain(STOLEN)
    expect(result.log).not.toMatch(/^::error/m)
    expect(result.exitCode).toBe(0)
  })

  it.each([
    ['a throwaway server', () => ({})],
    ['a given server', () => ({ 'target-database-url': there.url('postgres') })],
  ])('do not reach a verification in %s, whose copy has them too', async (_, place) => {
    const result = await run({
      command: 'restore-verify',
      name: 'shop',
      expectations: expectations(),
      extras: 'negative-control, amcheck',
      ...place(),
    })
    expect(result.log).not.toMatch(/^::error/m)
    expect(result.outputs).toMatchObject({ verdict: 'ok' })
  })

  it.each(['empty', 'shop'])('do not reach a restore into "%s"', async (database) => {
    const result = await run({
      command: 'restore',
      name: 'shop',
      'target-database-url': there.url(database),
      confirm: database,
      ...(database === 'shop' && { clean: 'true' }),
    })
    expect(result.log).not.toMatch(/^::error/m)
    expect(result.exitCode).toBe(0)
  })

  it('do not reach a drill', async () => {
    const result = await run({ command: 'drill', expectations: expectations(), name: 'shop' })
    expect(result.log).toContain('The drill is PASSED.')
  })

  it('are overruled by the first statement of every session that any command opened', () => {
    const firsts = [...source.sessions, ...there.sessions].map(({ statements }) =>
      statements.find((statement) => statement !== 'SELECT pg_catalog.pg_backend_pid() AS pid'),
    )
    expect(firsts.length).toBeGreaterThan(30)
    const known = [
      /^SET search_path TO pg_catalog, pg_temp; SET standard_conforming_strings TO on; /,
      // pg_dump and pg_restore
      /^SELECT pg_catalog\.set_config\('search_path', '', false\);?$/,
    ]
    expect(firsts.filter((first = '') => !known.some((constant) => constant.test(first)))).toEqual([])
  })
})
