import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateBucketCommand, DeleteObjectCommand } from '@aws-sdk/client-s3'
import { runAction, startAction, type ActionOptions, type ActionResult } from '../support/action-runner.ts'
import { BucketView } from '../support/bucket-view.ts'
import { makeBackup, type BackupOrder, type MadeBackup } from '../support/committed-backup.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { catalogStep, hoursAgo } from '../support/prune-step.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'

const COPIES = 'lifeboat-copies'
const MIB = 2 ** 20

describe('The action, told to replicate', () => {
  let store: Radosgw
  let first: FaultProxy
  let second: FaultProxy
  let copies: BucketView
  let count = 0
  let prefix = ''

  beforeAll(async () => {
    store = await startRadosgw()
    await store.client.send(new CreateBucketCommand({ Bucket: COPIES }))
    copies = new BucketView(store.client, COPIES)
    first = await startFaultProxy(store.endpoint)
    second = await startFaultProxy(store.endpoint)
  })
  afterAll(async () => {
    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    first.reset()
    second.reset()
    count += 1
    prefix = `db${count}/`
  })

  const step = (inputs: Readonly<Record<string, string>> = {}): ActionOptions => ({
    inputs: {
      command: 'replicate',
      bucket: store.bucket,
      endpoint: first.endpoint,
      prefix,
      replica: `s3://${COPIES}/copy/of/${prefix}?endpoint=${second.endpoint}`,
      ...inputs,
    },
    env: {
      R2_ACCESS_KEY_ID: store.accessKeyId,
      R2_SECRET_ACCESS_KEY: store.secretAccessKey,
      REPLICA_ACCESS_KEY_ID: store.accessKeyId,
      REPLICA_SECRET_ACCESS_KEY: store.secretAccessKey,
    },
  })
  const replicate = (inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
    runAction(step(inputs))
  const make = (hours: number, order: Partial<BackupOrder> = {}): Promise<MadeBackup> =>
    makeBackup((key, content) => store.view.put(key, content), { prefix, time: hoursAgo(hours), ...order })
  const there = (key: string): string => `copy/of/${key}`
  /** Without the records that runs leave of themselves. */
  const keysThere = async (): Promise<string[]> =>
    (await copies.keys(there(prefix))).filter((key) => !key.includes('/_lifeboat/'))
  const writes = (): string[] =>
    second.log.flatMap(({ line }) => /^(?:PUT|POST) \/[^/]+\/([^?]+)/.exec(line)?.[1] ?? [])

  async function expectCopied(...backups: readonly MadeBackup[]): Promise<void> {
    const expected = backups.flatMap(({ objects }) => [...objects])
    expect(await keysThere()).toEqual(expected.map(([key]) => there(key)).sort())
    for (const [key, content] of expected) expect((await copies.get(there(key))).equals(content)).toBe(true)
  }

  it('copies what lacks, the manifest after what it names and the records last, and nothing twice', async () => {
    const backup = await make(30)
    await store.view.put(`${prefix}app/20260101T000000Z-000000/app.dump.xz.age`, 'an attempt')
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 0, outputs: { replicated: '1', 'replica-lacks': '0' } })
    await expectCopied(backup)
    expect(writes().map(decodeURIComponent)).toEqual([...backup.objects.keys()].map(there))
    expect(JSON.parse(result.outputs['replicas'] ?? '')).toEqual([
      expect.objectContaining({ name: 'app', replicated: 1, newest: backup.id }),
    ])
    expect(result.log.replace(/^::add-mask::.*$/gm, '')).not.toContain(store.secretAccessKey)

    second.reset()
    const newer = await make(6, { name: 'a/../b' })
    const record = backup.objects.size
    const own = [...backup.objects].find(([key]) => key.endsWith('-ok.json'))?.[1]
    await store.view.put(`${backup.folder}verified-20990101T000000Z-ok.json`, own ?? '')
    // Neither says anything of this backup.
    await store.view.put(`${backup.folder}verified-20990102T000000Z-failed.json`, own ?? '')
    await store.view.put(`${backup.folder}verified-20990103T000000Z-failed.json`, '{}')
    expect(record).toBe(5)
    const again = await replicate()
    expect(again).toMatchObject({ exitCode: 0, outputs: { replicated: '1', 'replica-lacks': '0' } })
    expect(new Set(writes().map(decodeURIComponent))).toEqual(
      new Set([...newer.objects.keys(), `${backup.folder}verified-20990101T000000Z-ok.json`].map(there)),
    )
    expect(again.log).toMatch(/verified-20990102T000000Z-failed\.json says another verdict than its name/)
    expect(again.log).toMatch(/verified-20990103T000000Z-failed\.json is no verification record/)
    second.reset()
    expect(await replicate()).toMatchObject({ exitCode: 0, outputs: { replicated: '0' } })
    expect(writes()).toEqual([])
  })

  it('writes nothing in a dry run', async () => {
    const backup = await make(30)
    const result = await replicate({ 'dry-run': 'true' })
    const bytes = [...backup.objects.values()].reduce((sum, { length }) => sum + length, 0)
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { replicated: '1', 'bytes-replicated': bytes.toString(), 'replica-lacks': '0' },
    })
    expect(result.summary).toContain('would be copied')
    expect(second.log.filter(({ line }) => !/^(GET|HEAD) /.test(line))).toEqual([])
  })

  it('goes on where it was killed, and leaves no upload behind', async () => {
    const small = await make(30)
    const large = await make(40, { bytes: 20 * MIB })
    second.set({ match: /PUT .*partNumber=3/, fault: { kind: 'hang' } })
    await using killed = await startAction(step())
    await killed.logged(/Copied backup/)
    await untilTrue(() => second.log.some(({ fault }) => fault === 'hang'))
    killed.kill('SIGKILL')
    await killed.finished()
    expect(await keysThere()).not.toContain(there(`${large.folder}manifest.json`))
    expect(await copies.uploads(there(prefix))).toHaveLength(1)
    second.reset()
    expect((await killed.post()).exitCode).toBe(0)
    expect(await copies.uploads(there(prefix))).toEqual([])

    // As if it had been killed one object later.
    const [contents = '', bytes] = [...large.objects].find(([key]) => key.includes('.contents.')) ?? []
    await copies.put(there(contents), bytes ?? '')
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 0, outputs: { replicated: '1' } })
    expect(result.log).toContain('1 more stood there already, the same')
    await expectCopied(small, large)
    expect(writes()).not.toContain(there(contents))
  })

  it('leaves a whole replica when two runs are at it at once', async () => {
    const backups = [await make(30, { bytes: 9 * MIB }), await make(40), await make(50), await make(60)]
    const results = await Promise.all([replicate(), replicate()])
    for (const result of results) {
      expect(result).toMatchObject({ exitCode: 0, outputs: { 'replica-lacks': '0' } })
    }
    await expectCopied(...backups)
    expect(await copies.uploads(there(prefix))).toEqual([])
  })

  it('takes over nothing that is not what its manifest says, and the rest all the same', async () => {
    const good = await make(30)
    const [changed, cut, gone] = [await make(40), await make(50), await make(60)]
    const dumpOf = ({ folder }: MadeBackup): string => `${folder}app.dump.xz.age`
    await store.view.put(dumpOf(changed), Buffer.alloc(2_000, 7))
    await store.view.put(dumpOf(cut), 'cut')
    await store.client.send(
      new DeleteObjectCommand({
        Bucket: store.bucket,
        Key: dumpOf(gone),
      }),
    )
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 1, outputs: { replicated: '1', 'replica-lacks': '3' } })
    expect(result.log).toContain(`${dumpOf(changed)} has the SHA-256`)
    expect(result.log).toContain(`${dumpOf(cut)} has 3 bytes; the manifest recorded 2000`)
    expect(result.log).toContain(`there is no ${dumpOf(gone)}, which the manifest names`)
    expect(result.summary).toContain('NOT COPIED')
    const manifests = (await keysThere()).filter((key) => key.endsWith('manifest.json'))
    expect(manifests).toEqual([there(`${good.folder}manifest.json`)])
    expect(await keysThere()).not.toContain(there(dumpOf(changed)))
  })

  it('never overwrites what stands there with another content', async () => {
    const [dump, manifest] = [await make(30), await make(40)]
    const keys = [there(`${dump.folder}app.dump.xz.age`), there(`${manifest.folder}manifest.json`)]
    for (const key of keys) await copies.put(key, 'x'.repeat(2_000))
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 1, outputs: { 'replica-lacks': '2' } })
    for (const key of keys) {
      expect(result.log).toContain(`${key} has another content than the original`)
      expect((await copies.get(key)).toString()).toBe('x'.repeat(2_000))
    }
  })

  it('stops at once where the replica refuses, and says which store it was', async () => {
    await Promise.all([30, 40, 50, 60, 70, 80].map((hours) => make(hours)))
    second.set({ match: /^PUT/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 1, outputs: { replicated: '0', 'replica-lacks': '6' } })
    expect(result.log).toMatch(new RegExp(`bucket ${COPIES} .*cannot write .*AccessDenied`))
    expect(writes().length).toBeLessThan(6)
    expect(result.summary).toContain('NOT FINISHED')
  })

  it('brings back what the replica lost, and warns of it', async () => {
    const backup = await make(30)
    for (const [key, content] of backup.objects) {
      if (!key.includes('.dump.')) await copies.put(there(key), content)
    }
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 0, outputs: { replicated: '0' } })
    expect(result.log).toMatch(/::warning::The replica had lost app\.dump\.xz\.age/)
    await expectCopied(backup)
  })

  it('leaves alone what a prune is removing, here or there', async () => {
    const [here, other] = [await make(30), await make(40)]
    await store.view.put(`${here.folder}removing.json`, '{}')
    await copies.put(there(`${other.folder}removing.json`), '{}')
    const result = await replicate()
    expect(result).toMatchObject({ exitCode: 0, outputs: { replicated: '0', 'replica-lacks': '0' } })
    expect(await keysThere()).toEqual([there(`${other.folder}removing.json`)])
    expect(result.summary).toContain('Left out, being removed')
  })

  it('lets a prune with its own policy run in the replica, and does not copy again what that removed', async () => {
    const backups = [await make(5), await make(30), await make(60)]
    expect((await replicate()).outputs['replicated']).toBe('3')
    const policy = { keep: 'last=2', 'min-keep': '1' }
    const prune = catalogStep('prune', { store }, { ...policy, bucket: COPIES, prefix: there(prefix) })
    expect(await runAction(prune)).toMatchObject({ exitCode: 0, outputs: { kept: '2', removed: '1' } })
    await expectCopied(...backups.slice(0, 2))
    expect(await store.view.keys(`${prefix}app/`)).toHaveLength(15)

    const result = await replicate(policy)
    expect(result).toMatchObject({ exitCode: 0, outputs: { replicated: '0', 'replica-lacks': '0' } })
    expect(result.summary).toContain('not kept there')
    await expectCopied(...backups.slice(0, 2))
    const newest = await make(1)
    expect((await replicate(policy)).outputs['replicated']).toBe('1')
    await expectCopied(newest, ...backups.slice(0, 2))
  })

  it('copies into a directory, too', async () => {
    const backup = await make(30)
    const directory = await mkdtemp(join(tmpdir(), 'lifeboat-replica-'))
    try {
      const result = await replicate({ replica: `file://${directory}` })
      expect(result).toMatchObject({ exitCode: 0, outputs: { replicated: '1' } })
      for (const [key, content] of backup.objects) {
        expect((await readFile(join(directory, key))).equals(content)).toBe(true)
      }
      expect(await readdir(join(directory, backup.folder))).toHaveLength(backup.objects.size)
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it('asks no store anything before all inputs are right', async () => {
    const result = await replicate({ replica: 's3://copies/db', 'dry-run': 'perhaps' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/replica: names no region.*dry-run: "perhaps" is neither/s)
    expect([...first.log, ...second.log]).toEqual([])
  })
})

async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50))
}
