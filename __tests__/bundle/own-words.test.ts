import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPair } from '../support/backup-step.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { emptyStore, StoredBackups } from '../support/stored-backups.ts'

/** What a function says where its rows come to another database, in the words and with the state of the server's own. */
const SAYINGS = [
  ['permission denied for table plans', '42501'],
  ['could not extend file "base/1/2": No space left on device', '53100'],
] as const

describe('a database whose own function refuses its rows', () => {
  let server: PostgresServer
  let folder: string
  let store: StoredBackups
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-words-'))
    server = await startPostgres()
    store = new StoredBackups(await emptyStore(folder), await keyPair())
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(SAYINGS)('does not restore as it is, whatever the function says: %s', async (words, state) => {
    const name = `own${state}`
    await server.psql(`CREATE DATABASE ${name}`)
    await server.psql(
      `CREATE FUNCTION must(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
         IF current_database() <> '${name}' THEN RAISE EXCEPTION '${words}' USING ERRCODE = '${state}'; END IF; RETURN true; END $$;
       CREATE TABLE customers (id int PRIMARY KEY, plan text CHECK (must(plan)));
       INSERT INTO customers SELECT g, '${words}' FROM generate_series(1, 100) g`,
      name,
    )
    const backup = await store.backUp(server.url(name))
    await using target = await startPostgres()
    for (const inputs of [{}, { 'target-database-url': target.url() }]) {
      const copy = await store.copy(backup)
      const result = await store.verify(copy, inputs)
      expect(result.log).toContain(`The database does not restore as it is: ${words}`)
      expect(result.log).toMatch(/The bytes are whole/)
      expect(result.log).not.toMatch(/make a new one now/)
      expect(result).toMatchObject({
        exitCode: 1,
        outputs: { verdict: 'failed', 'failed-check': 'restored' },
      })
      const record = (await readdir(copy.folder)).find((file) => file.endsWith('-failed.json')) ?? ''
      expect(JSON.parse(await readFile(join(copy.folder, record), 'utf8'))).toMatchObject({
        fault: 'restore',
      })
    }
  })
})
