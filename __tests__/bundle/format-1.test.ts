import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseManifest } from '../../src/catalog/manifest.ts'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { restoreByHand } from '../support/restore-by-hand.ts'

const FIXTURE = resolve(import.meta.dirname, '../fixtures/format-1')
const ID = '20261125T230448Z-bdafab'

describe('A backup of format 1', () => {
  let folder: string
  let server: PostgresServer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-format-'))
    await cp(join(FIXTURE, 'store'), folder, { recursive: true })
    // Whatever major this machine has: a backup is older than the server that it comes back to.
    server = await startPostgres()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const run = async (inputs: Record<string, string>): Promise<ActionResult> =>
    runAction({
      inputs: { bucket: `file://${folder}`, ...inputs },
      env: { AGE_IDENTITY: await readFile(join(FIXTURE, 'key.txt'), 'utf8') },
    })

  it('is listed', async () => {
    const { outputs, exitCode } = await run({ command: 'list' })
    expect(exitCode).toBe(0)
    expect(JSON.parse(outputs['backups'] ?? '')).toMatchObject([
      { name: 'shop', 'backup-id': ID, verification: 'none' },
    ])
  })

  it('is verified', async () => {
    const result = await run({ command: 'restore-verify', 'target-database-url': server.url() })
    expect(result.log).toMatch(/is VERIFIED/)
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { verdict: 'ok', 'backup-id': ID, tables: '37', rows: '480', orphans: '1' },
    })
    expect(await readdir(join(folder, 'db/shop', ID))).toContainEqual(
      expect.stringMatching(/^verified-.*-ok\.json$/),
    )
  })

  it('is restored', async () => {
    await server.psql('CREATE DATABASE shop TEMPLATE template0')
    const result = await run({
      command: 'restore',
      'target-database-url': server.url('shop'),
      confirm: 'shop',
    })
    expect(result).toMatchObject({ exitCode: 0, outputs: { 'backup-id': ID, 'not-restored': '0' } })
    expect(result.log).toMatch(/37 tables, 480 rows: equal to what the snapshot held/)
    expect(
      await server.psql(
        `SELECT convert_from(lo_get(content, 0, 20), 'UTF8') FROM shop.documents WHERE id = 1`,
        'shop',
      ),
    ).toBe('All sales are final.')
  })

  it('comes back by hand, with the lines of its manifest', async () => {
    await using fresh = await startPostgres()
    const read = (file: string): Promise<Buffer> => readFile(join(folder, 'db/shop', ID, file))
    const manifest = parseManifest(await read('manifest.json'), 'manifest.json')
    const identity = await readFile(join(FIXTURE, 'key.txt'), 'utf8')
    await restoreByHand(manifest, { read, identity, server: fresh })
    const count = 'SELECT count(*) FROM shop.orders'
    expect(await fresh.psql(count, 'shop')).toBe(await server.psql(count, 'shop'))
  })
})
