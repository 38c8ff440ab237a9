import { PutBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair } from '../support/backup-step.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { plantedObjects } from '../support/planted-backups.ts'
import { catalogStep, hoursAgo } from '../support/prune-step.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'

const DAY = 24
const LIST = /^GET .*list-type=2/
const POLICY = { keep: 'last=5', 'min-keep': '1' }

describe('The action, told to check a bucket', () => {
  let store: Radosgw
  let proxy: FaultProxy

  beforeAll(async () => {
    store = await startRadosgw()
    proxy = await startFaultProxy(store.endpoint)
    const { recipient } = await keyPair()
    for (const [number, hours] of [3, 3 + DAY, 3 + 2 * DAY].entries()) {
      const verified = number === 1 ? [{ verdict: 'ok' as const, at: hoursAgo(DAY) }] : []
      const backup = { name: 'shop', time: hoursAgo(hours), recipients: [recipient], number, verified }
      for (const { key, content } of await plantedObjects('db/', backup)) await store.view.put(key, content)
    }
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })
  afterEach(() => proxy.reset())

  const check = (inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> =>
    runAction(catalogStep('check', { store, endpoint: proxy.endpoint }, { ...POLICY, ...inputs }))
  const breachesOf = (result: ActionResult): readonly { kind: string; text: string }[] =>
    JSON.parse(result.outputs['breaches'] ?? '[]') as { kind: string; text: string }[]
  const setRules = (...Rules: LifecycleRule[]) =>
    store.client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: store.bucket, LifecycleConfiguration: { Rules } }),
    )

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

  it('says that it may not list, and what to do', async () => {
    proxy.set({ match: LIST, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
    const result = await check()
    expect(result.exitCode).toBe(1)
    expect(breachesOf(result)).toEqual([
      expect.objectContaining({ kind: 'rights', text: expect.stringMatching(/may not list objects/) }),
    ])
  })
})
