import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  type LifecycleRule,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { BucketView } from '../support/bucket-view.ts'
import { keyPair } from '../support/backup-step.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { plantNights, type Nights } from '../support/planted-backups.ts'
import { catalogStep, hoursAgo } from '../support/prune-step.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'

const DAY = 24
const LIST = /^GET .*list-type=2/
const COPIES = 'lifeboat-copies'
const POLICY = { keep: 'last=5', 'min-keep': '1' }

type Inputs = Readonly<Record<string, string>>

describe('The action, told to check a bucket', () => {
  let store: Radosgw
  let proxy: FaultProxy
  let recipient: string

  beforeAll(async () => {
    store = await startRadosgw()
    proxy = await startFaultProxy(store.endpoint)
    recipient = (await keyPair()).recipient
    await plant('db/', 'shop')
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
  afterEach(() => proxy.reset())

  const plant = (prefix: string, name: string, nights: Nights = {}): Promise<void> =>
    plantNights(store.view, { prefix, name, recipient }, nights)
  const check = (inputs: Inputs = {}): Promise<ActionResult> =>
    runAction(catalogStep('check', { store, endpoint: proxy.endpoint }, { ...POLICY, ...inputs }))
  const breachesOf = (result: ActionResult): readonly { kind: string; text: string }[] =>
    JSON.parse(result.outputs['breaches'] ?? '[]') as { kind: string; text: string }[]
  const told = (result: ActionResult): readonly string[] =>
    breachesOf(result).map(({ kind, text }) => `${kind}: ${text}`)
  const setRules = (...Rules: LifecycleRule[]) =>
    store.client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: store.bucket, LifecycleConfiguration: { Rules } }),
    )

  it('is red where the clocks differ, and asks for nothing twice because of that', async () => {
    const date = new Date(Date.now() + 600_000).toUTCString()
    proxy.set({ match: /./, fault: { kind: 'edit-reply', headers: { date } } })
    const result = await check()
    expect(result.exitCode).toBe(1)
    expect(breachesOf(result)).toEqual([
      expect.objectContaining({
        kind: 'clock',
        text: expect.stringMatching(/clock is (10|9) min \d\d s ahead of/),
      }),
    ])
    // There is no rule yet, and that is answered with an error.
    expect(proxy.log.filter(({ line }) => /[?&]lifecycle/.test(line))).toHaveLength(1)
    expect(new Set(proxy.log.map(({ line }) => line)).size).toBe(proxy.log.length)
  })

  it('is green where all is well, and after lifecycle has set its rule', async () => {
    expect(await check()).toMatchObject({ exitCode: 0, outputs: { healthy: 'true' } })
    const around = { store, endpoint: proxy.endpoint }
    expect((await runAction(catalogStep('lifecycle', around, POLICY))).exitCode).toBe(0)
    expect(await check()).toMatchObject({ exitCode: 0, outputs: { healthy: 'true' } })
  })

  it('sees that the rule is not as it was set', async () => {
    await setRules({
      ID: 'lifeboat db/',
      Status: 'Disabled',
      Filter: { Prefix: 'db/' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    })
    const result = await check()
    expect(result.exitCode).toBe(1)
    expect(breachesOf(result).map(({ kind }) => kind)).toEqual(['lifecycle-drift'])
  })

  it('is red a week before a rule takes the newest verified backup', async () => {
    const expiring = (days: number): LifecycleRule => ({
      ID: 'somebody elses',
      Status: 'Enabled',
      Filter: { Prefix: 'db/' },
      Expiration: { Days: days },
    })
    await setRules(expiring(9))
    // The proof is a day old, and the rule takes it in eight.
    expect(breachesOf(await check()).map(({ kind }) => kind)).not.toContain('lifecycle-threat')
    await setRules(expiring(7))
    const result = await check()
    expect(result.exitCode).toBe(1)
    const threat = breachesOf(result).find(({ kind }) => kind === 'lifecycle-threat')
    expect(threat?.text).toMatch(/somebody elses.*removes .*a verified backup that min-keep holds/)
  })

  it('names a rule that takes sooner what the policy keeps', async () => {
    await setRules({ ID: 'eager', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 20 } })
    const result = await check({ keep: '', 'retention-days': '30' })
    expect(result.exitCode).toBe(1)
    expect(breachesOf(result).map(({ kind }) => kind)).toContain('lifecycle-eager')
  })

  it('finds what is planted in a bucket, all of it and nothing else', async () => {
    const stranger = (await keyPair()).recipient
    const cases: Readonly<Record<string, Nights & { readonly finds?: readonly string[] }>> = {
      well: {},
      late: { later: DAY, finds: ['late'] },
      stopped: { later: 5 * DAY, finds: ['stopped'] },
      shrunk: { newest: { rows: 0, plainBytes: 20_000 }, finds: ['shrunk'] },
      grown: { newest: { rows: 130_000 }, finds: ['grown'] },
      unencrypted: { newest: { recipients: [], suffix: '.xz' }, finds: ['unencrypted'] },
      'called-encrypted': {
        newest: { recipients: [], claimed: [recipient] },
        finds: ['unencrypted', 'unencrypted', 'unencrypted'],
      },
      'for-more': { newest: { recipients: [recipient, stranger] }, finds: ['recipients'] },
      'for-another': { newest: { recipients: [stranger] }, finds: ['recipients'] },
      'not-as-claimed': {
        newest: { recipients: [recipient, stranger], claimed: [recipient] },
        finds: ['recipients', 'recipients'],
      },
      unverified: { proof: null, finds: ['unverified'] },
      'proved-by-another': {
        newest: { verified: [{ verdict: 'ok', at: hoursAgo(1), foreign: true }] },
        proof: null,
        finds: ['foreign-record', 'unverified'],
      },
      'damned-by-another': {
        newest: { verified: [{ verdict: 'failed', at: hoursAgo(1), foreign: true }] },
        finds: ['foreign-record'],
      },
      failed: {
        newest: { verified: [{ verdict: 'failed', at: hoursAgo(1) }] },
        finds: ['late', 'verification-failed'],
      },
      'verified-long-ago': { nights: 9, proof: { night: 8, hours: 194 }, finds: ['verification-old'] },
      'not-pruned': { nights: 14, finds: ['retention'] },
      'stray-upload': { finds: ['stray-uploads'] },
    }
    for (const [name, sketch] of Object.entries(cases)) await plant('table/', name, sketch)
    const stray = 'table/stray-upload/20261101T020000Z-0123ab/stray-upload.dump.xz.age'
    await store.view.beginUpload(stray)
    const begun = hoursAgo(20 * DAY).toISOString()
    proxy.set({
      match: /^GET .*[?&]uploads/,
      fault: { kind: 'edit-reply', body: (xml) => xml.replace(/(<Initiated>)[^<]*/g, `$1${begun}`) },
    })
    const wanted = { 'age-recipients': recipient, targets: 'verified=8d', keep: 'last=9' }
    const result = await check({ prefix: 'table', ...wanted })
    const checked = JSON.parse(result.outputs['checked'] ?? '[]') as { name: string; breaches: string[] }[]
    expect(Object.fromEntries(checked.map(({ name, breaches }) => [name, breaches.sort()]))).toEqual(
      Object.fromEntries(Object.entries(cases).map(([name, { finds = [] }]) => [name, finds])),
    )
    expect(result.log).toContain(stray)
  })

  describe('with a second store', () => {
    let copies: BucketView
    let number = 0

    beforeAll(async () => {
      await store.client.send(new CreateBucketCommand({ Bucket: COPIES }))
      copies = new BucketView(store.client, COPIES)
      await plant('first/', 'shop')
      await plant('first/', 'new')
    })
    beforeEach(async () => {
      number += 1
      expect(await run('replicate', {})).toMatchObject({ exitCode: 0, outputs: { replicated: '6' } })
    })

    const remove = async (pattern: RegExp): Promise<void> => {
      const keys = (await copies.keys(`copy${number}/`)).filter((key) => pattern.test(key))
      expect(keys).not.toEqual([])
      for (const Key of keys) await store.client.send(new DeleteObjectCommand({ Bucket: COPIES, Key }))
    }
    const run = (command: 'check' | 'replicate', inputs: Inputs, secret = store.secretAccessKey) => {
      const replica = `s3://${COPIES}/copy${number}?endpoint=${proxy.endpoint}`
      const step = catalogStep(command, { store }, { prefix: 'first', replica, ...inputs })
      const keys = { REPLICA_ACCESS_KEY_ID: store.accessKeyId, REPLICA_SECRET_ACCESS_KEY: secret }
      return runAction({ ...step, env: { ...step.env, ...keys } })
    }
    const withReplica = (inputs: Inputs = {}, secret?: string) =>
      run('check', { ...POLICY, ...inputs }, secret)

    it('is green where that has everything, also after a prune with its own policy', async () => {
      expect(await withReplica()).toMatchObject({ exitCode: 0, outputs: { healthy: 'true', breaches: '[]' } })
      const policy = { keep: 'last=1', 'min-keep': '1', bucket: COPIES, prefix: `copy${number}` }
      expect((await runAction(catalogStep('prune', { store }, policy))).outputs['removed']).toBe('2')
      const result = await withReplica()
      expect(result).toMatchObject({ exitCode: 0, outputs: { healthy: 'true', breaches: '[]' } })
      const checked = JSON.parse(result.outputs['checked'] ?? '[]') as Record<string, unknown>[]
      expect(checked[1]).toMatchObject({ name: 'shop', 'replica-backup-id': checked[1]?.['backup-id'] })
      expect(result.summary).toMatch(/In the second store.*newest 3 h 0\d min old, 2 in all/s)
    })

    it('is red where that is behind, by more than it may be', async () => {
      await remove(/shop\/[^/]*-00000[01]\//)
      await remove(/\/new\//)
      const result = await withReplica()
      expect(result.exitCode).toBe(1)
      expect(told(result)).toEqual([
        expect.stringMatching(/^replica-behind: .*lacks 2 backups of "new" .*is 2 d 3 h old/),
        expect.stringMatching(/^replica-behind: .*lacks 1 backup of "shop" .*is 1 d 3 h old.*allow 1 d 2 h/),
      ])
      expect(breachesOf(await withReplica({ name: 'shop', targets: 'replica=2d' }))).toEqual([])
    })

    it('is red where something there is shorter than here, or gone', async () => {
      const keys = await copies.keys(`copy${number}/`)
      await copies.put(keys.find((key) => /shop\/.*0001\/.*dump/.test(key)) ?? '', 'cut')
      await remove(/new\/[^/]*-000000\/new.globals/)
      const result = await withReplica()
      expect(told(result)).toEqual([
        expect.stringMatching(/^replica-short: new\.globals.*is missing in the second store and has \d/),
        expect.stringMatching(
          /^replica-short: shop\.dump.* has 3 bytes in the second store and has \d+ bytes/,
        ),
      ])
    })

    it.each([
      ['does not know the keys', 'wrong', undefined],
      ['refuses', undefined, { kind: 'answer', status: 403, code: 'AccessDenied' }],
    ] as const)(
      'says that it cannot be seen where that %s, and judges the first',
      async (_, secret, fault) => {
        if (fault) proxy.set({ match: LIST, fault })
        const result = await withReplica({ targets: 'rpo=2h gap=26h' }, secret)
        expect(breachesOf(result).map(({ kind }) => kind)).toEqual(['replica-unseen', 'late', 'late'])
        expect(result.log).toMatch(/Second store cannot be seen: .*bucket lifeboat-copies/)
        expect(result.summary).toContain('REPLICA')
      },
    )
  })

  it.each([
    ['refuses', undefined, { kind: 'answer', status: 403, code: 'AccessDenied' }, /may not list objects/],
    ['does not know the keys', 'wrong', undefined, /the store does not know these keys/],
  ] as const)('says that the store %s, and what to do', async (_, secret, fault, text) => {
    if (fault) proxy.set({ match: LIST, fault })
    const result = await check(secret === undefined ? {} : { 'secret-access-key': secret })
    expect(result.exitCode).toBe(1)
    expect(breachesOf(result)).toEqual([
      expect.objectContaining({ kind: 'rights', text: expect.stringMatching(text) }),
    ])
  })
})
