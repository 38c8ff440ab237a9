import { describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EventEmitter } from 'node:events'
import { LifeboatError } from '../../../../src/errors.ts'
import type { LifecycleStore } from '../../../../src/storage/lifecycle-store.ts'
import type { PrunableStore } from '../../../../src/storage/prunable-store.ts'
import { openS3Store } from '../../../../src/storage/s3/s3-store.ts'
import { startStandIn } from '../../../support/stand-in-store.ts'

const KEY = 'db/app/x'
const XML = { 'content-type': 'application/xml' }

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

type Store = PrunableStore & LifecycleStore

const ASKED: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  list: (store) => drain(store.list('db/')),
  uploads: (store) => drain(store.uploads('db/')),
  versions: (store) => drain(store.versions('db/')),
  head: (store) => store.head(KEY),
  read: (store) => drain(store.read(KEY)),
  'read a range': (store) => drain(store.read(KEY, { start: 5, end: 9 })),
  'read afresh': (store) => drain(store.read(KEY, undefined, { fresh: true })),
  versioning: (store) => store.versioning(),
  lifecycle: (store) => store.lifecycle(),
}

/** Where a store may stand still. Each says when it does. */
const STANDSTILLS: Readonly<
  Record<string, (still: () => void) => (request: IncomingMessage, response: ServerResponse) => void>
> = {
  'before its answer': (still) => () => still(),
  'in the middle of its answer': (still) => (_request, response) => {
    const headers = { ...XML, etag: '"e"', 'content-range': 'bytes 5-8/99', 'content-length': 99 }
    response.writeHead(200, headers)
    response.write('<', () => still())
  },
  'in a pause that it asks for': (still) => (_request, response) => {
    response.writeHead(503, { ...XML, 'retry-after': '30' })
    response.end('<Error><Code>SlowDown</Code></Error>', () => still())
  },
}

describe('A cancel', () => {
  it.each(
    Object.entries(STANDSTILLS).flatMap(([where, stand]) =>
      Object.entries(ASKED).map(([what, run]) => [what, where, stand, run] as const),
    ),
  )('ends "%s" of a store that stands still %s', async (what, where, stand, run) => {
    // HEAD has no body to stand still in.
    if (what === 'head' && where.includes('middle')) return
    const events = new EventEmitter()
    await using server = await startStandIn(stand(() => events.emit('still')))
    const cancel = new AbortController()
    const store = await openS3Store({
      bucket: 'shop',
      endpoint: server.endpoint,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      signal: cancel.signal,
    })
    const still = once(events, 'still')
    const asked = run(store)
    asked.catch(() => undefined)
    await still
    cancel.abort(new LifeboatError('cancelled', 'stop'))
    // One that is not heard ends with the test's own limit.
    await expect(asked).rejects.toThrow()
    store.close()
  })
})

describe('A read whose connections break', () => {
  it('tries as often as it may, and not as often again within each try', async () => {
    const asked: number[] = []
    await using server = await startStandIn((request, response) => {
      asked.push(Date.now())
      // Every second try is refused, every other one breaks off before its first byte.
      if (asked.length % 2 === 0) {
        response.writeHead(500, XML).end('<Error><Code>InternalError</Code></Error>')
        return
      }
      response.writeHead(206, { etag: '"e"', 'content-range': 'bytes 0-8/9', 'content-length': 9 })
      response.flushHeaders()
      request.socket.destroy()
    })
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const store = await openS3Store({ bucket: 'shop', endpoint: server.endpoint, credentials, retries: 3 })
    await expect(drain(store.read(KEY))).rejects.toMatchObject({ code: 'store' })
    expect(asked.length).toBeLessThanOrEqual(6)
    store.close()
  })
})
