import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { LifecycleStore } from '../../src/storage/lifecycle-store.ts'
import type { PrunableStore } from '../../src/storage/prunable-store.ts'
import { openS3Store } from '../../src/storage/s3/s3-store.ts'
import { pattern } from '../support/bodies.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type Radosgw, startRadosgw } from '../support/radosgw.ts'
import { describePrunableStore } from './prunable-store.ts'

describePrunableStore("Ceph's radosgw", async () => {
  const server = await startRadosgw()
  const { endpoint, bucket, accessKeyId, secretAccessKey } = server
  return {
    open: () => openS3Store({ endpoint, bucket, credentials: { accessKeyId, secretAccessKey } }),
    async abandon(key) {
      await server.view.beginUpload(key)
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
})

describe('An S3 store to prune', () => {
  let server: Radosgw
  let proxy: FaultProxy
  const signal = new AbortController().signal
  const VERSIONED = 'versioned'
  const LOCKED = 'locked'

  beforeAll(async () => {
    server = await startRadosgw()
    proxy = await startFaultProxy(server.endpoint)
    const versioning = { VersioningConfiguration: { Status: 'Enabled' } } as const
    await server.client.send(new CreateBucketCommand({ Bucket: VERSIONED }))
    await server.client.send(new PutBucketVersioningCommand({ Bucket: VERSIONED, ...versioning }))
    await server.client.send(new CreateBucketCommand({ Bucket: LOCKED, ObjectLockEnabledForBucket: true }))
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  async function using<T>(
    bucket: string,
    work: (store: PrunableStore & LifecycleStore) => Promise<T>,
    retries = 2,
  ): Promise<T> {
    const { accessKeyId, secretAccessKey } = server
    const credentials = { accessKeyId, secretAccessKey }
    const store = await openS3Store({ bucket, endpoint: proxy.endpoint, credentials, retries })
    try {
      return await work(store)
    } finally {
      store.close()
      proxy.reset()
    }
  }

  const put = (store: PrunableStore, key: string) =>
    store.write(key, () => pattern(10), { expectedBytes: 10, signal })

  it('sends batches with a Content-MD5 and without a CRC32, which some stores refuse', async () => {
    await using(server.bucket, async (store) => {
      const seen: string[] = []
      proxy.set({ match: /\?delete/, fault: { kind: 'answer', status: 500 } })
      await expect(store.remove(['a', 'b'], signal)).rejects.toMatchObject({ code: 'store' })
      seen.push(
        ...proxy.log.flatMap(({ line, headers }) => (line.includes('?delete') ? Object.keys(headers) : [])),
      )
      expect(seen).toContain('content-md5')
      expect(seen.filter((name) => name.includes('checksum'))).toEqual([])
    })
  })

  it('asks for single keys where a batch was refused for one that is forbidden', async () => {
    await using(server.bucket, async (store) => {
      for (const key of ['x/free', 'x/held']) await put(store, key)
      proxy.set(
        { match: /\?delete/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } },
        {
          match: /^DELETE .*held/,
          fault: { kind: 'answer', status: 403, code: 'ObjectLockedByBucketPolicy' },
        },
      )
      expect(await store.remove(['x/free', 'x/held'], signal)).toMatchObject([
        { key: 'x/free', outcome: 'removed' },
        { key: 'x/held', outcome: 'locked' },
      ])
    })
  })

  it('says of each key what failed after retries, and goes on', async () => {
    await using(server.bucket, async (store) => {
      proxy.set(
        { match: /\?delete/, fault: { kind: 'answer', status: 501 } },
        { match: /^DELETE .*bad/, fault: { kind: 'answer', status: 503, code: 'SlowDown' } },
      )
      expect(await store.remove(['y/bad', 'y/good'], signal)).toMatchObject([
        { key: 'y/bad', outcome: 'failed', reason: /503 SlowDown/ },
        { key: 'y/good', outcome: 'removed' },
      ])
    })
  })

  it('believes the date that the store tells', async () => {
    const begun = Date.now()
    const date = new Date(begun - 3_600_000).toUTCString()
    await using(server.bucket, async (store) => {
      proxy.set({ match: /./, fault: { kind: 'edit-reply', headers: { date } } })
      for await (const _ of store.list('nothing/')) continue
      const skew = (await store.clockSkewMs()) ?? 0
      expect(Math.abs(skew + 3_600_000)).toBeLessThan(3_000 + Date.now() - begun)
    })
  })

  it.each([
    [501, 'NotImplemented', 'unsupported'],
    [403, 'AccessDenied', 'hidden'],
  ] as const)(
    'takes %d %s for an answer where versions are asked for: %s',
    async (status, code, versioning) => {
      await using(server.bucket, async (store) => {
        proxy.set({ match: /\?versioning/, fault: { kind: 'answer', status, code } })
        expect(await store.versioning()).toBe(versioning)
      })
    },
  )

  it('removes every version and every marker where versions are kept', async () => {
    await using(VERSIONED, async (store) => {
      expect(await store.versioning()).toBe('enabled')
      await put(store, 'v/a')
      await store.remove(['v/a'], signal)
      await put(store, 'v/a')
      const found = []
      for await (const version of store.versions('v/')) found.push(version)
      expect(found).toHaveLength(3)
      const removals = await store.removeVersions(found, signal)
      expect(removals.map(({ outcome }) => outcome)).toEqual(['removed', 'removed', 'removed'])
      for await (const version of store.versions('v/')) throw new Error(`${version.key} is left`)
    })
  })

  it('tells an object lock from a missing right', async () => {
    await using(LOCKED, async (store) => {
      await put(store, 'l/held')
      await put(store, 'l/free')
      const Retention = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + 3_600_000) } as const
      await server.client.send(new PutObjectRetentionCommand({ Bucket: LOCKED, Key: 'l/held', Retention }))
      const found = []
      for await (const version of store.versions('l/')) found.push(version)
      const removals = await store.removeVersions(found, signal)
      expect(removals.find(({ key }) => key === 'l/held')).toMatchObject({ outcome: 'locked' })
      expect(removals.find(({ key }) => key === 'l/free')).toMatchObject({ outcome: 'removed' })
      expect(await store.head('l/held')).toBeDefined()
    })
  })

  it('puts foreign lifecycle rules back as they were', async () => {
    const { client, bucket } = server
    const rules = [
      {
        ID: 'theirs',
        Status: 'Enabled',
        Filter: { Prefix: 'logs/' },
        NoncurrentVersionExpiration: { NoncurrentDays: 3 },
        Expiration: { Days: 9 },
      },
      { ID: 'off', Status: 'Disabled', Filter: { Tag: { Key: 'a', Value: 'b' } }, Expiration: { Days: 2 } },
    ] as const
    await using(bucket, async (store) => {
      expect(await store.lifecycle()).toEqual([])
      const LifecycleConfiguration = { Rules: [...rules] }
      await client.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration }),
      )
      const before = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))
      const found = (await store.lifecycle()) ?? []
      expect(found).toMatchObject([
        { id: 'off', enabled: false, narrowed: true, expireDays: 2 },
        { id: 'theirs', enabled: true, narrowed: false, prefix: 'logs/', expireDays: 9 },
      ])
      const own = { id: 'lifeboat db/', enabled: true, prefix: 'db/', narrowed: false, abortDays: 7 }
      await store.replaceLifecycle([...found, own])
      const after = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }))
      expect(after.Rules).toHaveLength(3)
      for (const rule of before.Rules ?? []) expect(after.Rules).toContainEqual(rule)
      expect(await store.lifecycle()).toContainEqual(expect.objectContaining(own))
    })
  })

  it('says what it cannot do, and what is not allowed', async () => {
    await using(server.bucket, async (store) => {
      proxy.set({ match: /\?lifecycle/, fault: { kind: 'answer', status: 501, code: 'NotImplemented' } })
      expect(await store.lifecycle()).toBeUndefined()
      proxy.set({ match: /\?lifecycle/, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
      await expect(store.lifecycle()).rejects.toMatchObject({
        code: 'store-access',
        hint: /LifecycleConfiguration/,
      })
    })
  })
})
