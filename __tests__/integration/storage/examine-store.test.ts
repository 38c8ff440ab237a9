import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  type LifecycleRule,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { Finding } from '../../../src/catalog/finding.ts'
import { examineProtection } from '../../../src/storage/examine-protection.ts'
import { storeExamination } from '../../../src/storage/examine-store.ts'
import { storeProfile } from '../../../src/storage/profile.ts'
import { openS3Store } from '../../../src/storage/s3/s3-store.ts'
import { BucketView } from '../../support/bucket-view.ts'
import { startFaultProxy, type FaultProxy, type Trap } from '../../support/fault-proxy.ts'
import { startRadosgw, type Radosgw } from '../../support/radosgw.ts'

const PREFIX = 'db/'
const R2 = storeProfile(`https://${'0123456789abcdef'.repeat(2)}.r2.cloudflarestorage.com`)
const SMALL = /^PUT .*-small/

describe('The doctor at a store', () => {
  let server: Radosgw
  let proxy: FaultProxy
  let number = 0

  beforeAll(async () => {
    server = await startRadosgw()
    proxy = await startFaultProxy(server.endpoint)
  })
  afterEach(() => proxy.reset())
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  async function examine(
    { bucket = server.bucket, deletes = true, profile = storeProfile(server.endpoint) } = {},
    ...traps: readonly Trap[]
  ): Promise<(what: string) => Partial<Finding>> {
    proxy.set(...traps)
    const open = () => openStore({ bucket, profile })
    const random = (): string => (number += 1).toString(16).padStart(6, '0')
    const examination = storeExamination({ open, prefix: PREFIX, random, deletes })
    const findings: Finding[] = []
    for await (const finding of examination.examine(new AbortController().signal)) findings.push(finding)
    return (what) => findings.find((each) => each.what === what) ?? {}
  }
  function openStore({ bucket = server.bucket, profile = storeProfile(server.endpoint) } = {}) {
    const { accessKeyId, secretAccessKey } = server
    return openS3Store({
      bucket,
      profile,
      endpoint: proxy.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
      retries: 1,
      partBytes: 5 * 2 ** 20,
    })
  }
  /** Without writing anything. */
  async function protection(
    of: 'versions' | 'object lock' | 'lifecycle',
    bucket?: string,
  ): Promise<Partial<Finding>> {
    const store = await openStore({ ...(bucket !== undefined && { bucket }) })
    try {
      for await (const finding of examineProtection(store, PREFIX)) if (finding.what === of) return finding
      return {}
    } finally {
      store.close()
    }
  }
  const saying = (state: Finding['state'], found: string): unknown =>
    expect.objectContaining({ state, found: expect.stringContaining(found) as unknown })
  async function newBucket(name: string, options: { lock?: boolean } = {}): Promise<string> {
    await server.client.send(
      new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: options.lock ?? false }),
    )
    return name
  }
  const setRules = (...Rules: LifecycleRule[]) =>
    server.client.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: server.bucket,
        LifecycleConfiguration: { Rules },
      }),
    )

  it('sees that a store forgets its promise not to overwrite, or never gave it', async () => {
    const forgetful = async (line: string): Promise<void> => {
      const Key = decodeURIComponent(line.replace(/^PUT \/[^/]+\/([^?]+).*$/, '$1'))
      await server.client.send(new DeleteObjectCommand({ Bucket: server.bucket, Key }))
    }
    const broken = await examine({}, { match: SMALL, fault: { kind: 'forestall', first: forgetful } })
    expect(broken('conditional write')).toEqual(
      saying('failed', 'replaced the first, though it said If-None-Match'),
    )
    expect(broken('delete')).toMatchObject({ state: 'passed' })

    const first: Trap = {
      match: SMALL,
      fault: { kind: 'forestall', first: () => Promise.resolve() },
      times: 1,
    }
    const none: Trap = { match: SMALL, fault: { kind: 'answer', status: 501, code: 'NotImplemented' } }
    const without = await examine({}, first, none)
    expect(without('write')).toMatchObject({ state: 'passed' })
    expect(without('conditional write')).toEqual(saying('advice', 'does not know If-None-Match'))
  })

  it('sees that the clocks differ', async () => {
    const at = (minutes: number): Trap => ({
      match: /^GET .*list-type=2/,
      fault: {
        kind: 'edit-reply',
        headers: { date: new Date(Date.now() + minutes * 60_000).toUTCString() },
      },
    })
    // The header has no fractions of a second, and the answer takes some time.
    expect((await examine({}, at(5)))('clock')).toMatchObject({
      state: 'advice',
      found: expect.stringMatching(/differ by (2[4-9]\d|300) s\.$/) as unknown,
    })
    const skewed = await examine(
      {},
      {
        match: /list-type=2/,
        fault: { kind: 'answer', status: 403, code: 'RequestTimeTooSkewed' },
      },
    )
    expect(skewed('reachable, list')).toEqual(
      saying('failed', "this machine's clock differs from the store's"),
    )
  })

  it('sees that only listing is denied', async () => {
    const found = await examine(
      {},
      {
        match: /list-type=2/,
        fault: { kind: 'answer', status: 403, code: 'AccessDenied' },
      },
    )
    expect(found('reachable, list')).toEqual(saying('failed', 'the store refuses it (AccessDenied)'))
    for (const what of ['write', 'read back', 'conditional write', 'multipart write', 'delete']) {
      expect(found(what)).toMatchObject({ state: 'passed' })
    }
  })

  it('takes it for right that keys may not delete, as long as nobody wants to', async () => {
    const denied: Trap = {
      match: /\?(.*&)?delete|^DELETE/,
      fault: { kind: 'answer', status: 403, code: 'AccessDenied' },
    }
    expect((await examine({ deletes: false }, denied))('delete')).toEqual(
      saying('advice', 'refused (AccessDenied'),
    )
    expect((await examine({ deletes: true }, denied))('delete')).toEqual(
      saying('failed', 'refused (AccessDenied'),
    )
  })

  it('sees versions as they are, and leaves none of its own', async () => {
    const bucket = await newBucket('versioned')
    const switchTo = (Status: 'Enabled' | 'Suspended') =>
      server.client.send(
        new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }),
      )
    expect(await protection('versions', bucket)).toEqual(saying('not-checked', 'never switched on'))
    await switchTo('Enabled')
    const enabled = await examine({ bucket })
    expect(enabled('versions')).toEqual(saying('passed', 'the bucket keeps them'))
    expect(enabled('delete versions')).toEqual({})
    await switchTo('Suspended')
    expect((await examine({ bucket }))('versions')).toEqual(saying('advice', 'suspended'))
    expect(await versionsIn(bucket)).toEqual([])

    await switchTo('Enabled')
    const kept = await examine(
      { bucket },
      {
        match: /versionId=/,
        fault: { kind: 'answer', status: 403, code: 'AccessDenied' },
      },
      { match: /\?delete/, fault: { kind: 'answer', status: 501, code: 'NotImplemented' } },
    )
    expect(kept('delete')).toMatchObject({ state: 'passed' })
    expect(kept('delete versions')).toEqual(saying('advice', 'stays'))
  })

  async function versionsIn(bucket: string): Promise<string[]> {
    const store = await openStore({ bucket })
    const found: string[] = []
    for await (const { key } of store.versions('')) found.push(key)
    store.close()
    return found
  }

  it('sees a lock as it is, and that it holds what the doctor wrote', async () => {
    const bucket = await newBucket('locked', { lock: true })
    expect(await protection('object lock', bucket)).toEqual(saying('passed', 'without a period'))
    await server.client.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3 } },
        },
      }),
    )
    const held = await examine({ bucket })
    expect(held('object lock')).toEqual(saying('passed', 'new objects are held for 3 days (GOVERNANCE)'))
    expect(held('delete versions')).toEqual(saying('advice', 'object lock until'))
    expect(await protection('object lock')).toEqual(saying('passed', 'the bucket has none'))
    expect(await new BucketView(server.client, bucket).keys()).toEqual([])
  })

  it('sees lifecycle rules as they are', async () => {
    expect(await protection('lifecycle')).toEqual(saying('advice', 'no rule aborts unfinished uploads'))
    const abort = { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }
    await setRules({ ID: 'tidy', Status: 'Enabled', Filter: { Prefix: '' }, ...abort })
    expect(await protection('lifecycle')).toEqual(saying('passed', 'aborts unfinished uploads after 7 days'))
    const expires = (
      ID: string,
      Prefix: string,
      Status: 'Enabled' | 'Disabled' = 'Enabled',
    ): LifecycleRule => ({
      ID,
      Status,
      Filter: { Prefix },
      Expiration: { Days: 90 },
    })
    await setRules(expires('elsewhere', 'logs/'), expires('off', 'db/', 'Disabled'))
    expect(await protection('lifecycle')).toEqual(saying('advice', 'no rule aborts'))
    for (const prefix of ['', 'db/', 'db/shop/']) {
      await setRules(expires('old', prefix))
      expect(await protection('lifecycle')).toEqual(
        saying('advice', 'rules remove backups by themselves: "old"'),
      )
    }
  })

  it('claims nothing of versions and locks on R2, whatever it answers', async () => {
    const bucket = await newBucket('dummy')
    const found = await examine(
      { bucket, profile: R2 },
      {
        match: /versioning|object-lock/,
        fault: { kind: 'answer', status: 200 },
      },
    )
    expect(found('versions')).toEqual(saying('not-checked', 'not supported by this store'))
    expect(found('object lock')).toEqual(saying('not-checked', 'not supported by this store'))
    expect(found('conditional write')).toMatchObject({ state: 'passed' })
    expect(proxy.log.filter(({ line }) => /versioning|object-lock/.test(line))).toEqual([])
  })
})
