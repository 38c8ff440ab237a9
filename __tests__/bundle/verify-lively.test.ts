import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateHybridIdentity, identityToRecipient } from 'age-encryption'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { runCli } from '../support/cli-run.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'
import { writerAt } from '../support/writer.ts'

describe('restore-verify of a database that lives', () => {
  let folder: string
  let keys: KeyPair
  let server: PostgresServer
  let store: StoredBackups

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-lively-'))
    keys = await keyPair()
    server = await startPostgres()
    store = new StoredBackups(await emptyStore(folder), keys)
    await server.psql('CREATE DATABASE lively')
    await server.psql(LIVELY, 'lively')
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('finds it equal to its snapshot, though rows came and sequences ran while it was dumped', async () => {
    let backup: StoredBackup
    {
      await using writer = await writerAt(server.url('lively'), [
        `INSERT INTO log (what) VALUES ('written meanwhile')`,
        `SELECT nextval('tickets')`,
      ])
      backup = await store.backUp(server.url('lively'))
      expect(writer.rounds()).toBeGreaterThan(10)
    }
    const held = backup.manifest.contents as { rows: number }
    const live = Number(await server.psql('SELECT count(*) FROM log', 'lively'))
    expect(live).toBeGreaterThan(0)
    const result = await store.verify(backup)
    expect(result.log).toMatch(/is VERIFIED/)
    expect(result.outputs).toMatchObject({ verdict: 'ok', rows: String(held.rows) })
    // The source has moved on: nobody compared with it.
    await server.psql('TRUNCATE log', 'lively')
    expect((await store.verify(backup)).outputs).toMatchObject({ verdict: 'ok' })
  })

  it('is red where the backup has fewer recipients than it should, and says nothing about the backup', async () => {
    const backup = await store.backUp(server.url('lively'))
    const result = await store.verify(backup, { targets: 'recipients=2' })
    expect(result).toMatchObject({ exitCode: 1, outputs: { verified: 'false', 'failed-check': 'opened' } })
    expect(result.log).toMatch(/encrypted to 1 recipient\(s\); targets asks for 2/)
    expect(await store.records(backup)).toEqual([])
  })

  it('takes the one of several identities that opens it, post-quantum too, from a file as from a secret', async () => {
    const [recovery, drill] = [await generateHybridIdentity(), await generateHybridIdentity()]
    const recipients = await Promise.all([recovery, drill].map(identityToRecipient))
    const backup = await store.backUp(server.url('lively'), { 'age-recipients': recipients.join(' ') })
    const identity = [keys.identity, (await keyPair()).identity, drill].join('\n')
    const result = await store.verify(backup, { targets: 'recipients=2' }, { identity })
    expect(result.log).toMatch(/is VERIFIED/)
    expect(result.log).toMatch(/each encrypted for 2 × /)

    const file = join(folder, 'keys.txt')
    await writeFile(file, `# of drills\n${identity}\n`, { mode: 0o600 })
    const flags = ['--bucket', `file://${join(folder, 'store')}`, '--backup-id', backup.id]
    const typed = await runCli(['restore-verify', ...flags, '--age-identities-file', file])
    expect(typed).toMatchObject({ exitCode: 0, err: '' })
    expect(typed.out).toMatch(/is VERIFIED/)
  })
})

/** What has been taken for damage before: each of it is as it was in the source. */
const LIVELY = `
  CREATE EXTENSION pg_trgm VERSION '1.5';
  CREATE EXTENSION postgres_fdw;
  CREATE SEQUENCE tickets;
  CREATE TABLE log (id bigserial PRIMARY KEY, what text);
  INSERT INTO log (what) SELECT 'line ' || i FROM generate_series(1, 20000) i;
  -- A copy has the column of the parent before its own.
  CREATE TABLE parent (a int); CREATE TABLE child (z int) INHERITS (parent);
  ALTER TABLE parent ADD COLUMN b text; INSERT INTO child VALUES (1, 2, 'three');
  CREATE TABLE "select" ("t" int, "ROW" text, "a.b" text, "quo""te" text, "*" int);
  INSERT INTO "select" VALUES (1, 'x', 'y', 'z', 2);
  CREATE MATERIALIZED VIEW stale AS SELECT count(*) FROM log; INSERT INTO log (what) VALUES ('after it');
  CREATE MATERIALIZED VIEW unpopulated AS SELECT count(*) FROM log WITH NO DATA;
  CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1');
  CREATE FOREIGN TABLE far (i int) SERVER elsewhere;
  CREATE INDEX log_invalid ON log (what);
  UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'log_invalid'::regclass;`
