import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'

export interface ManyDocuments extends AsyncDisposable {
  readonly url: string
}

/** Answers as Meilisearch does with one index of so many small documents, which it makes up as they are asked for. */
export async function serveManyDocuments(documents: number): Promise<ManyDocuments> {
  const time = '2026-11-22T02:15:00Z'
  const index = { uid: 'products', primaryKey: 'id', createdAt: time, updatedAt: time }
  const page = (items: readonly object[]): object => ({
    results: items,
    offset: 0,
    limit: 100,
    total: items.length,
  })
  const answers: Readonly<Record<string, object>> = {
    '/version': { pkgVersion: '1.50.0' },
    '/stats': { databaseSize: documents * 300 },
    '/indexes': page([index]),
    '/indexes/products': index,
    '/indexes/products/stats': { numberOfDocuments: documents, isIndexing: false },
    '/indexes/products/settings': { searchableAttributes: ['*'], embedders: {} },
    '/tasks': { results: [], total: 0 },
    '/keys': page([]),
    '/experimental-features': { metrics: false },
    '/webhooks': { results: [] },
  }
  const server = createServer((request, response) => {
    request.resume()
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const body =
      pathname === '/indexes/products/documents'
        ? documentsPage(Number(searchParams.get('offset')), Number(searchParams.get('limit')), documents)
        : JSON.stringify(answers[pathname] ?? {})
    response.writeHead(answers[pathname] || pathname.endsWith('/documents') ? 200 : 404, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    response.end(gzipSync(body, { level: 1 }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function documentsPage(offset: number, limit: number, total: number): string {
  const count = Math.max(0, Math.min(limit, total - offset))
  const results = Array.from({ length: count }, (_, i) => smallDocument(offset + i))
  return `{"results":[${results.join(',')}],"offset":${offset},"limit":${limit},"total":${total}}`
}

/** About 230 bytes. */
export function smallDocument(id: number): string {
  return JSON.stringify({
    id,
    sku: `S-${id}`,
    title: `Product ${id} – ie tradițională`,
    description: `Line one\nline "two" of ${id * 7919}`,
    price: id * 1.1,
    stock: id % 7,
    tags: ['a', `t${id % 50}`],
    attr: { color: id % 2 === 0 ? 'alb' : 'roșu', size: { eu: 30 + (id % 15) } },
    created_at: 1_700_000_000 + id,
  })
}
