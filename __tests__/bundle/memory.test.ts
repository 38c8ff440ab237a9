import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { ownMemory } from '../support/own-memory.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { emptyStore, StoredBackups, type StoredBackup } from '../support/stored-backups.ts'

const MIB = 2 ** 20

describe('A verification on a machine with files in memory', () => {
  let folder: string
  let server: PostgresServer
  let store: StoredBackups
  let backup: StoredBackup

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-memory-'))
    server = await startPostgres()
    store = new StoredBackups(await emptyStore(folder), await keyPair())
    await server.psql('CREATE DATABASE shop')
    await server.psql(SHOP, 'shop')
    backup = await store.backUp(server.url('shop'))
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const verifyWith = async (bytes: number, inputs: Record<string, string> = {}): Promise<ActionResult> => {
    const result = await runAction({ ...store.step(backup, inputs), as: ownMemory(bytes) })
    expect(result).toMatchObject({ exitCode: 0, outputs: { verdict: 'ok', rows: '40000' }, leftFiles: [] })
    expect(result.log).toMatch(/^left in memory: 0$/m)
    return result
  }

  it('takes place there where it has room', async () => {
    const { log } = await verifyWith(1024 * MIB, { limits: 'memory=1GiB' })
    expect(log).toMatch(/there is room for all of it in memory \(\/dev\/shm\)/)
    expect(log).toMatch(/runs in \/dev\/shm\/lifeboat-scratch-/)
  })

  it.each([
    ['is less', 64 * MIB, {}],
    ['is to be used less', 1024 * MIB, { limits: 'memory=0B' }],
  ])('takes place on the disk where there %s', async (_, bytes, inputs) => {
    const { log } = await verifyWith(bytes, inputs)
    expect(log).toMatch(/the disk has .* free: everything goes to disk/)
    expect(log).not.toMatch(/runs in \/dev\/shm/)
  })
})

const SHOP = `
  CREATE TABLE a AS SELECT i, repeat(md5(i::text), 16) AS note FROM generate_series(1, 20000) i;
  CREATE TABLE b AS SELECT * FROM a;
  SELECT lo_from_bytea(0, convert_to(repeat('large', 1000), 'UTF8'));`
