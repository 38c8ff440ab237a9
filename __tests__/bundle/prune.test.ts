import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3'
import { runAction, startAction, type ActionResult } from '../support/action-runner.ts'
import { BucketView } from '../support/bucket-view.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { catalogStep, hoursAgo, putBackup } from '../support/prune-step.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'

const LIST = /^GET \/[^/?]+\/?\?.*list-type=2/
const BATCH = /^POST .*\?delete/
const SECRET = 'test/secret'

describe('The action, told to prune', () => {
  let store: Radosgw
  let proxy: FaultProxy
  let count = 0
  let prefix = ''

  beforeAll(async () => {
    store = await startRadosgw()
    proxy = await startFaultProxy(store.endpoint)
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
  beforeEach(() => {
    proxy.reset()
    count += 1
    prefix = `test${count}/`
  })

  const step = (inputs: Readonly<Record<string, string>> = {}) =>
    catalogStep(
      'prune',
      { store, endpoint: proxy.endpoint },
      { prefix, keep: 'last=2', 'min-keep': '1', ...inputs },
    )
  const prune = (inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
    runAction(step(inputs))

  /** A verified backup for each of the last `days` days; newest first. */
  async function daily(days: number, name = 'app'): Promise<string[]> {
    const folders: string[] = []
    for (let day = 0; day < days; day++) {
      const time = hoursAgo(1 + day * 24)
      folders.push(await putBackup(store.view, prefix, { name, time, number: day, verdicts: ['ok'] }))
    }
    return folders
  }

  /** Those of backups: every run leaves a record of itself, too. */
  async function folders(under = prefix): Promise<string[]> {
    const keys = (await store.view.keys(under)).filter((key) => !key.includes('/_lifeboat/'))
    return [...new Set(keys.map((key) => key.slice(0, key.lastIndexOf('/') + 1)))]
  }

  it('keeps what the policy keeps, removes the rest and tells why', async () => {
    const [newest = '', second = '', third = '', fourth = ''] = await daily(4)
    const result = await prune()
    expect(result.log.replace(/^::add-mask::.*$/gm, '')).not.toContain(SECRET)
    expect(result.exitCode).toBe(0)
    expect(await folders()).toEqual([second, newest])
    expect(result.outputs).toMatchObject({ kept: '2', removed: '2', 'bytes-freed': '800' })
    expect(result.summary).toContain('newest verified backup')
    expect(result.summary).toContain('no rule keeps it')
    for (const folder of [third, fourth]) expect(result.log).toContain(folder.slice(-24, -1))
    expect(result.log).toMatch(/not supported by this store/)
  })

  it('needs one list request for a page, and asks nothing else where nothing goes', async () => {
    await daily(2)
    expect((await prune()).exitCode).toBe(0)
    const [trail, rest] = [/_lifeboat(?:%2F|\/)audit/, /\?.*(list-type|uploads).*/]
    const asked = proxy.log.map(({ line }) => line)
    expect(asked.filter((line) => !trail.test(line)).map((line) => line.replace(rest, ' $1'))).toEqual([
      `GET /${store.bucket}/ list-type`,
      `GET /${store.bucket}/ uploads`,
    ])
    // The audit trail gets a record of this run.
    expect(asked.filter((line) => trail.test(line)).map((line) => line.split(' ')[0])).toEqual([
      'HEAD',
      'PUT',
      'HEAD',
    ])
  })

  it('changes nothing in a dry run', async () => {
    const before = await daily(4)
    const result = await prune({ 'dry-run': 'true' })
    expect(result).toMatchObject({ exitCode: 0, outputs: { kept: '2', removed: '2' } })
    expect(result.summary).toContain('would go')
    expect((await folders()).toSorted()).toEqual(before.toSorted())
  })

  it('leaves foreign objects and a neighbour alone whose prefix begins alike', async () => {
    const id = (await daily(3))[2]?.slice(-24, -1) ?? ''
    const foreign = [
      `${prefix}README.md`,
      `${prefix}app/notes.txt`,
      `${prefix}app/${id}/by-hand.txt`,
      `${prefix}app/latest/manifest.json`,
      `${prefix}app_staging/${id}/manifest.json`,
      `${prefix}_lifeboat/audit/x.json`,
      `${prefix.slice(0, -1)}_too/app/${id}/manifest.json`,
    ]
    for (const key of foreign) await store.view.put(key, 'somebody else')
    const result = await prune({ name: 'app' })
    expect(result).toMatchObject({ exitCode: 0, outputs: { removed: '1' } })
    const left = await store.view.keys(prefix.slice(0, -1))
    for (const key of foreign) expect(left).toContain(key)
    expect(left.filter((key) => key.includes(id) && !foreign.includes(key))).toEqual([])
  })

  it.each([
    ['keep', 'daily=-1', /keep: .*"-1" is not a whole number/],
    ['keep', 'last=0 daily=0', /keep: keeps nothing/],
    ['keep', ',', /keep: keeps nothing/],
    ['keep', 'dayly=3', /"dayly" is not one of .*Did you mean daily\?/],
    ['retention-days', '0', /retention-days: "0" is not a whole number/],
    ['min-keep', '0', /min-keep: "0"/],
    ['guards', 'max-delete=0%', /guards: .*"0%25" is not a percentage/],
    ['guards', 'max-age=soon', /guards: .*"soon" is not a duration/],
    ['delete-versions', 'yes', /delete-versions: "yes" is neither true nor false/],
    ['compression', 'xz:9', /compression: command prune does not use it/],
  ])('refuses %s: %s before it lists anything', async (name, value, message) => {
    const result = await prune({ [name]: value })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(message)
    expect(proxy.log).toEqual([])
  })

  it('refuses to remove more than max-delete, until it is confirmed by name', async () => {
    const all = await daily(6)
    const refused = await prune()
    expect(refused.exitCode).toBe(1)
    expect(refused.log).toMatch(/would remove 4 of the 6 backups of "app".*confirm: app/s)
    expect(await folders()).toHaveLength(all.length)
    expect(await prune({ confirm: 'app' })).toMatchObject({ exitCode: 0, outputs: { removed: '4' } })
  })

  it('stops when backups have stopped, and is red', async () => {
    for (const day of [4, 5, 6])
      await putBackup(store.view, prefix, { time: hoursAgo(day * 24), verdicts: ['ok'] })
    const result = await prune({ keep: 'last=1' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/4 days old, more than max-age \(3 days\): backups have stopped/)
    expect(await folders()).toHaveLength(3)
  })

  it('removes nothing when the clocks differ', async () => {
    await daily(4)
    const Date = new globalThis.Date(globalThis.Date.now() + 400_000).toUTCString()
    proxy.set({ match: /./, fault: { kind: 'edit-reply', headers: { date: Date } } })
    const result = await prune()
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/clock that is \d+ s ahead of this machine's, so nothing is removed/)
    expect(await folders()).toHaveLength(4)
  })

  it('outlasts a store that answers 503 for a while', async () => {
    await daily(4)
    proxy.set({ match: LIST, times: 3, fault: { kind: 'answer', status: 503, code: 'SlowDown' } })
    expect((await prune({ 'dry-run': 'true' })).exitCode).toBe(0)
    proxy.set({ match: BATCH, times: 3, fault: { kind: 'answer', status: 503, code: 'SlowDown' } })
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { removed: '2' } })
  })

  it('removes one by one where the store refuses batches', async () => {
    await daily(4)
    proxy.set({ match: BATCH, fault: { kind: 'answer', status: 501, code: 'NotImplemented' } })
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { removed: '2' } })
    expect(proxy.log.filter(({ line }) => BATCH.test(line))).toHaveLength(1)
    expect(await folders()).toHaveLength(2)
  })

  it('keeps and reports what a lock holds', async () => {
    const all = await daily(4)
    proxy.set(
      { match: BATCH, fault: { kind: 'answer', status: 403, code: 'ObjectLockedByBucketPolicy' } },
      { match: /^DELETE /, fault: { kind: 'answer', status: 403, code: 'ObjectLockedByBucketPolicy' } },
    )
    const result = await prune()
    expect(result).toMatchObject({ exitCode: 0, outputs: { kept: '4', removed: '0', 'bytes-freed': '0' } })
    expect(result.summary).toContain('LOCKED')
    expect((await store.view.keys(prefix)).filter((key) => key.endsWith('/manifest.json'))).toHaveLength(
      all.length,
    )
  })

  it('ends in a second run what a refusal broke off in the middle', async () => {
    const [newest = '', second = '', third = ''] = await daily(4)
    proxy.set(
      { match: BATCH, fault: { kind: 'answer', status: 501 } },
      { match: /^DELETE .*\.dump/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } },
    )
    const broken = await prune()
    expect(broken.exitCode).toBe(1)
    expect(broken.log).toMatch(/could not be removed: AccessDenied/)
    const left = await store.view.keys(third)
    expect(left.map((key) => key.slice(third.length))).toEqual(['app.dump.xz.age', 'removing.json'])
    proxy.reset()
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { removed: '0', 'attempts-removed': '2' } })
    expect(await folders()).toEqual([second, newest])
  })

  it('ends in a second run what a cancel broke off', async () => {
    const [newest = '', second = ''] = await daily(4)
    proxy.set(
      { match: /^DELETE .*\.dump/, fault: { kind: 'hang' } },
      { match: BATCH, fault: { kind: 'answer', status: 501 } },
    )
    await using action = await startAction(step())
    await until(() => proxy.log.some(({ fault }) => fault === 'hang'))
    const cancelled = await action.cancel()
    expect(cancelled.exitCode).toBe(1)
    expect(cancelled.log).toMatch(/cancelled/)
    expect(cancelled.summary).toContain('NOT FINISHED')
    proxy.reset()
    expect((await prune()).exitCode).toBe(0)
    expect(await folders()).toEqual([second, newest])
  })

  it('does no harm when two run at once', async () => {
    const [newest = '', second = ''] = await daily(4)
    const results = await Promise.all([prune(), prune()])
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    expect(await folders()).toEqual([second, newest])
  })

  it('leaves a backup alone that is being made', async () => {
    const all = await daily(3)
    const running = await putBackup(store.view, prefix, { time: hoursAgo(0.1), committed: false })
    await store.view.beginUpload(`${running}app.globals.sql.xz.age`)
    expect(await prune()).toMatchObject({ exitCode: 0, outputs: { removed: '1', 'attempts-removed': '0' } })
    expect(await folders()).toEqual([all[1], all[0], running])
    expect(await store.view.uploads(prefix)).toHaveLength(1)
    expect(await store.view.keys(running)).toHaveLength(2)
  })

  it('removes dead attempts and uploads, but never one whose manifest the listing shows late', async () => {
    const all = await daily(2)
    const dead = await putBackup(store.view, prefix, { time: hoursAgo(500), committed: false, number: 7 })
    const late = await putBackup(store.view, prefix, { time: hoursAgo(501), number: 8 })
    await store.view.beginUpload(`${dead}app.globals.sql.xz.age`)
    const old = hoursAgo(200).toISOString()
    const listing = (xml: string): string =>
      xml
        .replace(/<(LastModified|Initiated)>[^<]*</g, `<$1>${old}<`)
        .replace(
          new RegExp(`<Contents><Key>[^<]*${late.slice(-24, -1)}[^<]*manifest\\.json<.*?</Contents>`, 's'),
          '',
        )
    proxy.set(
      { match: LIST, fault: { kind: 'edit-reply', body: listing } },
      { match: /^GET .*uploads/, fault: { kind: 'edit-reply', body: listing } },
    )
    const result = await prune()
    expect(result.log).toMatch(/it has a manifest, which the listing did not show yet/)
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { 'attempts-removed': '1', 'uploads-aborted': '1' },
    })
    expect(await folders()).toEqual([late, all[1], all[0]])
    expect(await store.view.uploads(prefix)).toEqual([])
  })

  it('is red, and removes nothing of it, where a verified backup has lost its manifest', async () => {
    await daily(2)
    const lost = await putBackup(store.view, prefix, {
      time: hoursAgo(500),
      committed: false,
      verdicts: ['ok'],
      number: 9,
    })
    const old = hoursAgo(200).toISOString()
    const body = (xml: string): string => xml.replace(/<LastModified>[^<]*</g, `<LastModified>${old}<`)
    proxy.set({ match: LIST, fault: { kind: 'edit-reply', body } })
    const result = await prune()
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/Verified backups have lost their manifest: app\//)
    expect(await store.view.keys(lost)).toHaveLength(3)
  })

  it('does not take a page for the whole listing', async () => {
    await daily(4)
    const body = (xml: string): string => xml.replace('<IsTruncated>false<', '<IsTruncated>true<')
    proxy.set({ match: LIST, fault: { kind: 'edit-reply', body } })
    const result = await prune()
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/a listing broke off in the middle/)
    expect(await folders()).toHaveLength(4)
  })

  it('removes no version that an object lock holds, and leaves a backup whole whose manifest is held', async () => {
    const Bucket = 'locked'
    await store.client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }))
    const view = new BucketView(store.client, Bucket)
    const all: string[] = []
    for (let day = 0; day < 5; day++) {
      const time = hoursAgo(1 + day * 24)
      all.push(await putBackup(view, prefix, { time, number: day, verdicts: ['ok'] }))
    }
    const [first = '', second = '', third = '', fourth = '', fifth = ''] = all
    const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + 3_600_000) } as const
    for (const Key of [`${fifth}manifest.json`, `${fourth}app.dump.xz.age`]) {
      await store.client.send(new PutObjectRetentionCommand({ Bucket, Key, Retention }))
    }
    const inputs = { bucket: Bucket, 'delete-versions': 'true', confirm: 'app' }
    const result = await prune(inputs)
    expect(result).toMatchObject({ exitCode: 0, outputs: { kept: '4', removed: '1' } })
    expect(result.log).toMatch(/which a lock holds/)
    expect(await view.keys(fifth)).toEqual(
      ['app.contents.json.xz.age', 'app.dump.xz.age', 'manifest.json']
        .map((file) => `${fifth}${file}`)
        .concat((await view.keys(fifth)).filter((key) => key.includes('verified-'))),
    )
    expect(await view.keys(fourth)).toEqual([`${fourth}app.dump.xz.age`, `${fourth}removing.json`])
    expect(await view.keys(third)).toEqual([])
    const again = await prune(inputs)
    expect(again).toMatchObject({ exitCode: 0, outputs: { removed: '0', 'attempts-removed': '0' } })
    expect(await view.keys(fourth)).toHaveLength(2)
    for (const folder of [first, second]) expect(await view.keys(folder)).toHaveLength(4)
  })

  // The last one: a bucket never forgets that it had versions.
  it('says that a delete leaves versions, and removes them when asked to', async () => {
    const enabled = { Bucket: store.bucket, VersioningConfiguration: { Status: 'Enabled' as const } }
    await store.client.send(new PutBucketVersioningCommand(enabled))
    const versions = async (under: string): Promise<number> => {
      const page = await store.client.send(
        new ListObjectVersionsCommand({ Bucket: store.bucket, Prefix: under }),
      )
      return (page.Versions ?? []).length + (page.DeleteMarkers ?? []).length
    }
    const all = await daily(4)
    const plain = await prune({ keep: 'last=3' })
    expect(plain.log).toMatch(/a delete leaves them, and they cost/)
    expect(await versions(all[3] ?? '')).toBeGreaterThan(3)
    expect((await prune({ 'delete-versions': 'true' })).exitCode).toBe(0)
    expect(await versions(all[2] ?? '')).toBe(0)
    expect(await folders()).toEqual([all[1], all[0]])
  })
})

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000
  while (!holds()) {
    if (Date.now() > end) throw new Error('waited 30 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
