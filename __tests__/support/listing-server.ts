import { createServer } from 'node:http'
import type { ListedObject } from '../../src/catalog/listing.ts'

/** An S3 server that can do nothing but list, for buckets that would take hours to fill. */
export interface ListingServer extends AsyncDisposable {
  readonly endpoint: string
  /** `GET /bucket/?list-type=2&…` */
  readonly requests: readonly string[]
}

const PAGE = 1_000

/** `object` gives the object at a place of the listing, from 0 to `count` - 1, in the order of keys. */
export async function startListingServer(
  count: number,
  object: (index: number) => ListedObject,
): Promise<ListingServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    const query = new URL(request.url ?? '', 'http://localhost').searchParams
    response.writeHead(200, { 'content-type': 'application/xml' })
    if (query.has('versioning')) {
      response.end('<VersioningConfiguration/>')
      return
    }
    if (!query.has('list-type')) {
      response.end(
        '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>',
      )
      return
    }
    // All objects lie under one prefix: who asks for another one (the audit trail) gets none.
    const asked = object(0).key.startsWith(query.get('prefix') ?? '') ? count : 0
    const from = Number(query.get('continuation-token') ?? 0)
    const to = Math.min(asked, from + PAGE)
    const contents = Array.from({ length: to - from }, (_, index) => {
      const { key, size, lastModified } = object(from + index)
      return `<Contents><Key>${key}</Key><Size>${size}</Size><LastModified>${lastModified.toISOString()}</LastModified></Contents>`
    })
    const next = to < asked ? `<NextContinuationToken>${to}</NextContinuationToken>` : ''
    const truncated = `<IsTruncated>${to < asked}</IsTruncated>`
    response.end(`<ListBucketResult>${truncated}${next}${contents.join('')}</ListBucketResult>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
