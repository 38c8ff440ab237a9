import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { catalogStep, hoursAgo, putBackup } from '../support/prune-step.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'

const THEIRS: LifecycleRule = {
  ID: 'theirs',
  Status: 'Enabled',
  Filter: { Prefix: 'logs/' },
  Expiration: { Days: 4000 },
  NoncurrentVersionExpiration: { NoncurrentDays: 9 },
}

describe('The action, told to look after lifecycle rules', () => {
  let store: Radosgw
  let proxy: FaultProxy

  beforeAll(async () => {
    // A day of one second, and rules that are enforced as often.
    store = await startRadosgw({ lifecycleDaySeconds: 1 })
    proxy = await startFaultProxy(store.endpoint)
    const LifecycleConfiguration = { Rules: [THEIRS] }
    await store.client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: store.bucket, LifecycleConfiguration }),
    )
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })

  const lifecycle = (inputs: Readonly<Record<string, string>> = {}): Promise<ActionResult> => {
    const policy = { keep: 'last=2', 'min-keep': '1' }
    return runAction(catalogStep('lifecycle', { store, endpoint: proxy.endpoint }, { ...policy, ...inputs }))
  }
  const rules = async (): Promise<readonly LifecycleRule[]> => {
    const answer = await store.client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: store.bucket }),
    )
    return answer.Rules ?? []
  }

  it('shows what it would do in a dry run, and does not do it', async () => {
    const result = await lifecycle({ 'dry-run': 'true' })
    expect(result).toMatchObject({ exitCode: 0, outputs: { 'lifecycle-changes': '1' } })
    expect(result.log).toMatch(/Would be changed: adds the rule "lifeboat db\/"/)
    expect(result.summary).toContain('theirs')
    expect(await rules()).toEqual([THEIRS])
  })

  it('adds its own rule, keeps foreign ones, and changes nothing the second time', async () => {
    expect(await lifecycle()).toMatchObject({ exitCode: 0, outputs: { 'lifecycle-changes': '1' } })
    const after = await rules()
    expect(after).toContainEqual(THEIRS)
    expect(after.find(({ ID }) => ID === 'lifeboat db/')).toMatchObject({
      Status: 'Enabled',
      Filter: { Prefix: 'db/' },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    })
    expect(after.find(({ ID }) => ID === 'lifeboat db/')?.Expiration).toBeUndefined()
    expect(await lifecycle()).toMatchObject({ exitCode: 0, outputs: { 'lifecycle-changes': '0' } })
    expect(await rules()).toEqual(after)
  })

  it('has a rule of its own for each prefix', async () => {
    expect((await lifecycle({ source: 'meilisearch' })).exitCode).toBe(0)
    expect((await rules()).map(({ ID }) => ID).toSorted()).toEqual([
      'lifeboat db/',
      'lifeboat meili/',
      'theirs',
    ])
  })

  it('refuses an expiry that is shorter than what the policy keeps, before it asks for rules', async () => {
    proxy.reset()
    const result = await lifecycle({ keep: 'daily=60', 'expire-days': '74' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/expire-days: 74 is too short.*at least 75/s)
    // That it failed is written into the audit trail.
    expect(proxy.log.filter(({ line }) => !line.includes('/_lifeboat/audit/'))).toEqual([])
  })

  it('sets rules that the store really enforces, under its prefix only', async () => {
    const folder = await putBackup(store.view, 'db/', { time: hoursAgo(1), verdicts: ['ok'] })
    await store.view.put('db_too/x', 'a neighbour')
    const id = await store.view.beginUpload(`${folder}app.globals.sql.xz.age`)
    expect(id).not.toBe('')
    const result = await lifecycle({ 'expire-days': '22' })
    expect(result).toMatchObject({ exitCode: 0, outputs: { 'lifecycle-changes': '1' } })
    expect(result.summary).toContain('the newest verified')
    await until(async () => (await store.view.uploads('db/')).length === 0)
    await until(async () => (await store.view.keys('db/')).length === 0)
    expect(await store.view.keys('db_too/')).toEqual(['db_too/x'])
    expect((await lifecycle()).log).toMatch(/changes the rule "lifeboat db\/" from .*22 days.* to /)
    expect((await rules()).find(({ ID }) => ID === 'lifeboat db/')?.Expiration).toBeUndefined()
  }, 240_000)

  it('is red a week before a rule takes the newest verified backup', async () => {
    const time = hoursAgo(24 * 4000 - 24 * 6)
    await putBackup(store.view, 'logs/', { time, verdicts: ['ok'], name: 'crm' })
    const result = await lifecycle({ prefix: 'logs/', 'dry-run': 'true' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/about to take the last good backup of "crm"/)
  })

  it('says what the store cannot do, and what these keys may not do', async () => {
    proxy.set({ match: /\?lifecycle/, fault: { kind: 'answer', status: 501, code: 'NotImplemented' } })
    expect((await lifecycle()).log).toMatch(/has no lifecycle rules, or not through S3/)
    proxy.set({ match: /\?lifecycle/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
    expect((await lifecycle()).log).toMatch(/s3:PutLifecycleConfiguration/)
    proxy.reset()
    const inputs = { command: 'lifecycle', bucket: 'file:///tmp/nowhere', keep: 'last=2' }
    expect((await runAction({ inputs })).log).toMatch(/is a directory, which has no lifecycle rules/)
  })
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 110_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('waited 110 s')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
