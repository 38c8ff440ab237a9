import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PrunableStore } from '../../../../src/storage/prunable-store.ts'
import type { LifecycleStore } from '../../../../src/storage/lifecycle-store.ts'
import type { ProbedStore } from '../../../../src/storage/probed-store.ts'
import { openS3Store } from '../../../../src/storage/s3/s3-store.ts'
import { WrongAnswer } from '../../../../src/storage/wrong-answer.ts'
import { startStandIn } from '../../../support/stand-in-store.ts'

type Store = PrunableStore & LifecycleStore & ProbedStore
type Answer = (request: IncomingMessage, response: ServerResponse) => void

const signal = new AbortController().signal
const KEY = 'db/app/x'
const MIB = 2 ** 20
const upload = { key: KEY, uploadId: 'u', initiated: new Date() }

async function* all(bytes: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(bytes, 1))
}

async function drain(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of items) count += 1
  return count
}

/** Everything that is asked of a store. */
const OPERATIONS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  list: (store) => drain(store.list('db/')),
  'list uploads': (store) => drain(store.uploads('db/')),
  'list versions': (store) => drain(store.versions('db/')),
  head: (store) => store.head(KEY),
  'read whole': (store) => drain(store.read(KEY)),
  'read a range': (store) => drain(store.read(KEY, { start: 5, end: 9 })),
  'read afresh': (store) => drain(store.read(KEY, undefined, { fresh: true })),
  'write in one piece': (store) => store.write(KEY, () => all(10), { expectedBytes: 10, signal }),
  'write in parts': (store) => store.write(KEY, () => all(9 * MIB), { expectedBytes: 9 * MIB, signal }),
  remove: (store) => store.remove([KEY], signal),
  'remove many': (store) => store.remove([KEY, `${KEY}2`], signal),
  'abort an upload': (store) => store.abortUpload(upload),
  'last activity': (store) => store.lastActivity(upload),
  versioning: (store) => store.versioning(),
  lifecycle: (store) => store.lifecycle(),
  'write lifecycle rules': (store) => store.replaceLifecycle([]),
  'object lock': (store) => store.objectLock(),
  overwrite: (store) => store.overwrite(KEY),
}

const PAGE = '<!doctype html><html><head><style>p{}</style></head><body>Sign in to the wifi</body></html>'

const answering =
  (status: number, body: string, headers: Record<string, string> = { 'content-type': 'text/html' }): Answer =>
  (request, response) => {
    response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

const XML = { 'content-type': 'application/xml' }

/** Who answers in the place of a store. None of it says anything about the store. */
const OTHERS: Readonly<Record<string, Answer>> = {
  'a login page (200)': answering(200, PAGE),
  'a login page with an ETag': answering(200, PAGE, { 'content-type': 'text/html', etag: '"x"' }),
  "a web server's 404": answering(404, PAGE),
  "a proxy's 404 without a word": answering(404, '', {}),
  "a firewall's 403": answering(403, PAGE),
  'a redirect to a login page': answering(302, PAGE, { location: '/login', 'content-type': 'text/html' }),
  'an API (200, JSON)': answering(200, '{"error":"not found"}', { 'content-type': 'application/json' }),
  'XML of something else': answering(200, '<rss><channel/></rss>', XML),
}

async function ask<T>(answer: Answer, what: (store: Store) => Promise<T>): Promise<T> {
  await using server = await startStandIn(answer)
  const store = await openS3Store({
    bucket: 'shop',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    retries: 0,
  })
  try {
    return await what(store)
  } finally {
    store.close()
  }
}

/** What these ask has no answer with a body or a mark of its own: a success without a page is all that a store says. */
const SILENT = ['remove', 'write lifecycle rules']

describe('What is no answer of a store', () => {
  it.each(
    Object.entries(OTHERS).flatMap(([who, answer]) =>
      Object.entries(OPERATIONS).map(([what, run]) => [who, what, answer, run] as const),
    ),
  )('%s to "%s" says nothing', async (who, what, answer, run) => {
    if (SILENT.includes(what) && /API|XML/.test(who)) return
    await expect(ask(answer, run)).rejects.toMatchObject({ code: 'store' })
  })

  it('is told with what came instead, without its markup', async () => {
    const asked = ask(answering(200, PAGE), (store) => drain(store.list('db/')))
    await expect(asked).rejects.toThrow(WrongAnswer)
    await expect(ask(answering(200, PAGE), (store) => drain(store.list('db/')))).rejects.toThrow(
      /what answered ListObjectsV2 is no S3 store: status 200, text\/html: "Sign in to the wifi"\./,
    )
  })

  it('has an end, however much comes', async () => {
    const endless: Answer = (_request, response) => {
      response.writeHead(200, XML)
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(MIB, 0x20)));
      }
      response.on('drain', more)
      more()
    }
    await expect(ask(endless, (store) => drain(store.list('db/')))).rejects.toThrow(/has more than \d+ bytes/)
  })
})

const listing = (inside: string): Answer =>
  answering(200, `<?xml version="1.0"?>\n<ListBucketResult>${inside}</ListBucketResult>`, XML)
const object = (key: string): string =>
  `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`

describe('A listing', () => {
  const list = (answer: Answer) => ask(answer, (store) => drain(store.list('db/')))

  it.each([
    ['nothing but its root', '', 0],
    ['its name and prefix', `<Name>shop</Name><Prefix>db/</Prefix>${object('db/a')}`, 1],
    ['its prefix as the keys are written', `<Prefix>db%2F</Prefix><EncodingType>url</EncodingType>`, 0],
  ])('is believed with %s', async (_what, inside, count) => {
    expect(await list(listing(inside))).toBe(count)
  })

  it.each([
    ['another bucket', '<Name>other</Name>'],
    ['another prefix', '<Name>shop</Name><Prefix>web/</Prefix>'],
    ['a key of another prefix', object('web/a')],
  ])('is not believed when it is of %s', async (_what, inside) => {
    await expect(list(listing(inside))).rejects.toThrow(WrongAnswer)
  })

  it('is not believed when its end is missing', async () => {
    const cut = `<ListBucketResult>${object('db/a')}<Contents><Key>db/b</Key>`
    await expect(list(answering(200, cut, XML))).rejects.toThrow(WrongAnswer)
  })

  it.each([
    ['the same place', () => 'again'],
    ['two places in turn', (count: number) => `place ${count % 2}`],
  ])('that goes on at %s for ever ends', async (_what, next) => {
    let count = 0
    const endless: Answer = (request, response) => {
      const token = `<IsTruncated>true</IsTruncated><NextContinuationToken>${next(count++)}</NextContinuationToken>`
      listing(`${token}${object('db/a')}`)(request, response)
    }
    await expect(list(endless)).rejects.toThrow(/never ends/)
    expect(count).toBeLessThan(5)
  })
})

describe('An answer to a read', () => {
  const body = 'hello store'
  const partial = (range: string, text: string, headers: Record<string, string> = {}): Answer =>
    answering(206, text, { etag: '"e"', 'content-range': range, ...headers })
  const read = (answer: Answer, range?: { start: number; end: number }) =>
    ask(answer, async (store) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of store.read(KEY, range)) chunks.push(chunk)
      return Buffer.concat(chunks).toString()
    })

  it('may come without its length', async () => {
    const chunked: Answer = (_request, response) => {
      response.writeHead(206, { etag: '"e"', 'content-range': `bytes 0-10/11` })
      response.write(body.slice(0, 4), () => response.end(body.slice(4)))
    }
    expect(await read(chunked)).toBe(body)
  })

  it('may be whole where all was asked for', async () => {
    expect(await read(answering(200, body, { etag: '"e"' }))).toBe(body)
  })

  it('may say that there are no bytes', async () => {
    expect(await read(answering(416, '<Error><Code>InvalidRange</Code></Error>', XML))).toBe('')
  })

  it.each([
    ['is all of it', answering(200, body, { etag: '"e"' })],
    ['begins elsewhere', partial('bytes 4-8/11', body.slice(4, 9))],
    ['goes on beyond', partial('bytes 5-10/11', body.slice(5))],
    ['does not say what it holds', partial('', body.slice(5, 9))],
    ['holds more than it says', partial('bytes 5-8/11', body.slice(5))],
  ])('to a range is not believed when it %s', async (_what, answer) => {
    await expect(read(answer, { start: 5, end: 9 })).rejects.toThrow(WrongAnswer)
  })

  it('to HEAD that there is nothing is not believed before the store has said so itself', async () => {
    const there: Answer = (request, response) =>
      request.method === 'HEAD'
        ? answering(404, '', {})(request, response)
        : partial('bytes 0-0/11', 'h', { 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' })(
            request,
            response,
          )
    expect(await ask(there, (store) => store.head(KEY))).toMatchObject({ size: 11 })
    const gone: Answer = answering(404, '<Error><Code>NoSuchKey</Code></Error>', XML)
    expect(await ask(gone, (store) => store.head(KEY))).toBeUndefined()
    await expect(read(gone)).rejects.toMatchObject({ code: 'store-missing' })
  })

  it('a second time comes over a connection of its own', async () => {
    await using server = await startStandIn(answering(200, body, { etag: '"e"' }))
    const { endpoint } = server
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const store = await openS3Store({ bucket: 'shop', endpoint, credentials, retries: 0 })
    for (let count = 0; count < 3; count += 1) await drain(store.read(KEY))
    const before = server.connections
    for (let count = 0; count < 2; count += 1) await drain(store.read(KEY, undefined, { fresh: true }))
    expect([before, server.connections]).toEqual([1, 3])
    store.close()
  })
})

it('says of a store that gives no ETag that it is its fault', async () => {
  const answer: Answer = (request, response) => {
    if (request.method === 'HEAD') answering(404, '', {})(request, response)
    else answering(200, '', {})(request, response)
  }
  await expect(
    ask(answer, (store) => store.write(KEY, () => all(10), { expectedBytes: 10, signal })),
  ).rejects.toThrow(/acknowledged PutObject without an ETag/)
})
