import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dirname } from 'node:path'
import { fillShop } from '../../demo/shop.ts'
import { parseManifest, type Manifest } from '../../src/catalog/manifest.ts'
import { runAction, startAction, type ActionResult } from '../support/action-runner.ts'
import { backupStep, keyPair, type KeyPair } from '../support/backup-step.ts'
import { compareDatabases, compareDigests, digestDatabase } from '../support/database-digest.ts'
import { modernAge } from '../support/modern-age.ts'
import { twoMajors } from '../support/postgres-majors.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { descendantOf } from '../support/process-tree.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'
import { restoreByHand } from '../support/restore-by-hand.ts'
import { runProgram } from '../support/run-program.ts'
import { waitingPgDump } from '../support/waiting-pg-dump.ts'
import { writerInShop } from '../support/writer.ts'

const majors = await twoMajors()

describe.each(majors)(
  'A backup of PostgreSQL $major, restored with nothing but its printed lines',
  ({ binDir }) => {
    let store: Radosgw
    let source: PostgresServer
    let keys: KeyPair

    beforeAll(async () => {
      keys = await keyPair()
      ;[store, source] = await Promise.all([startRadosgw(), startPostgres({ binDir })])
      await fillShop(source, 'shop', { scale: 0.2 })
    })
    afterAll(async () => {
      await source[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    })

    const manifestOf = async ({ outputs }: ActionResult): Promise<Manifest> => {
      const key = outputs['manifest-key'] ?? ''
      return parseManifest(await store.view.get(key), key)
    }
    const folderOf = ({ outputs }: ActionResult): string =>
      (outputs['manifest-key'] ?? '').replace(/[^/]+$/, '')
    const step = (
      inputs: Record<string, string>,
      recipient = keys.recipient,
    ): ReturnType<typeof backupStep> =>
      backupStep({ server: source, store, recipient }, { 'pg-bin-dir': binDir, ...inputs })

    it.each(['xz:1', 'zstd:3', 'none'])('equals its source (%s)', async (compression) => {
      const result = await runAction(step({ compression }))
      expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
      await using fresh = await startPostgres({ binDir })
      const read = (file: string): Promise<Buffer> => store.view.get(`${folderOf(result)}${file}`)
      await restoreByHand(await manifestOf(result), { read, identity: keys.identity, server: fresh })
      expect(
        await compareDatabases({ url: source.url('shop'), binDir }, { url: fresh.url('shop'), binDir }),
      ).toEqual([])
    })

    it('equals what the snapshot held while others write, truncate and alter', async () => {
      // Between snapshot and dump, where it hurts most, the writers have all the time that they want; then they go on.
      await using dump = await waitingPgDump(binDir)
      await using action = await startAction(step({ compression: 'zstd:1', 'pg-bin-dir': dump.binDir }))
      const { commandLine } = await descendantOf(action.pid, /pg_dump.*--snapshot=/)
      const snapshot = /--snapshot=(\S+)/.exec(commandLine)?.[1] ?? ''
      await using writer = await writerInShop(source.url('shop'))
      const held = await digestDatabase({ url: source.url('shop'), binDir, snapshot })
      await writer.wrote(50)
      await expect(
        source.psql(`SET lock_timeout = '100ms'; TRUNCATE shop.orders CASCADE`, 'shop'),
      ).rejects.toThrow(/lock timeout/)
      await expect(
        source.psql(
          `SET lock_timeout = '100ms'; ALTER TABLE shop.customers ADD COLUMN late int DEFAULT 1, ALTER late TYPE bigint`,
          'shop',
        ),
      ).rejects.toThrow(/lock timeout/)
      await dump.letGo()
      const result = await action.finished()
      expect(result.exitCode).toBe(0)

      await using fresh = await startPostgres({ binDir })
      const read = (file: string): Promise<Buffer> => store.view.get(`${folderOf(result)}${file}`)
      await restoreByHand(await manifestOf(result), { read, identity: keys.identity, server: fresh })
      const restored = await digestDatabase({ url: fresh.url('shop'), binDir })
      expect(compareDigests(held, restored, { without: ['sequence'] })).toEqual([])
      const live = await digestDatabase({ url: source.url('shop'), binDir })
      expect(compareDigests(held, live, { without: ['sequence'] })).not.toEqual([])
    })

    it('opens with an age that knows post-quantum keys', async () => {
      const { age, keygen } = await modernAge()
      const identity = await runProgram(keygen, ['-pq'])
      const recipient = (await runProgram(keygen, ['-y'], { input: identity })).trim()
      expect(recipient).toMatch(/^age1pq1/)
      const result = await runAction(step({ compression: 'zstd:1' }, recipient))
      expect(result.exitCode).toBe(0)
      await using fresh = await startPostgres({ binDir })
      const read = (file: string): Promise<Buffer> => store.view.get(`${folderOf(result)}${file}`)
      const path = `${dirname(age)}:${process.env['PATH'] ?? ''}`
      await restoreByHand(await manifestOf(result), { read, identity, server: fresh, path })
      const rows = 'SELECT count(*) FROM shop.orders'
      expect(await fresh.psql(rows, 'shop')).toBe(await source.psql(rows, 'shop'))
    })
  },
)
