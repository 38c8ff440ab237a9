import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { authorize } from './meilisearch/keys.ts'
import { Refusal } from './meilisearch/refusal.ts'
import { ROUTES } from './meilisearch/routes.ts'
import { serverState, type ServerState } from './meilisearch/state.ts'

/**
 * A server that speaks the protocol of Meilisearch 1.50 as it was recorded (`__tests__/fixtures/meilisearch`), with
 * enough of its memory: indexes, settings, documents with vectors, tasks, keys, dumps. A test replays the recordings
 * against it. What networks do to answers, `fault-proxy.ts` does in front of it.
 */
export interface MeilisearchServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly masterKey: string | undefined
  readonly state: ServerState
  /** `GET /indexes/products/documents?limit=…`, in the order in which they came. */
  readonly requests: readonly string[]
  /** Called before each request is answered: what happens on the server in the meantime. */
  onRequest: (line: string) => void
}

export interface ServerOptions {
  readonly masterKey?: string | undefined
  readonly payloadLimit?: number
  readonly dumpFolder?: string
}

export async function startMeilisearchServer(options: ServerOptions = {}): Promise<MeilisearchServer> {
  const { masterKey } = options
  const state = serverState()
  if (options.payloadLimit !== undefined) state.payloadLimit = options.payloadLimit
  state.dumpFolder = options.dumpFolder
  const requests: string[] = []
  const server = createServer((request, response) => {
    void receive(request).then((body) => {
      const line = `${request.method ?? ''} ${request.url ?? ''}`
      requests.push(line)
      started.onRequest(line)
      answer({ request, body }, response, { state, masterKey })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  const started: MeilisearchServer = {
    url: `http://127.0.0.1:${address.port}`,
    masterKey,
    state,
    requests,
    onRequest: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return started
}

async function receive(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function answer(
  { request, body }: { request: IncomingMessage; body: Buffer },
  response: ServerResponse,
  { state, masterKey }: { state: ServerState; masterKey: string | undefined },
): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const line = `${request.method ?? ''} ${url.pathname}`
  const route = ROUTES.find(({ match }) => match.test(line))
  if (!route) {
    response.writeHead(404, { 'content-length': 0 }).end()
    return
  }
  const { index, id } = route.match.exec(line)?.groups ?? {}
  try {
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const uid = index === undefined ? undefined : decodeURIComponent(index)
    if (route.action !== undefined) {
      authorize(state.keys, { master: masterKey, given, action: route.action, index: uid })
    }
    if (uid !== undefined && !/^[\w-]{1,512}$/.test(uid)) throw invalidUid(uid)
    if (body.length > state.payloadLimit) throw tooLarge(state.payloadLimit)
    const received = {
      query: url.searchParams,
      body: body.toString(),
      contentType: request.headers['content-type'] ?? 'application/json',
      index: uid ?? '',
      id: id ?? '',
    }
    send(request, response, { status: route.status, content: route.answer(state, received, masterKey) })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    send(request, response, { status: error.status, content: error.body })
  }
}

function invalidUid(uid: string): Refusal {
  return new Refusal(
    400,
    'invalid_index_uid',
    `\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
  )
}

function tooLarge(limit: number): Refusal {
  const most = limit >= 1_000_000 ? `${limit / 1_000_000} MB` : `${limit} B`
  return new Refusal(
    413,
    'payload_too_large',
    `The provided payload reached the size limit. The maximum accepted payload size is ${most}.`,
  )
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, content }: { status: number; content: unknown },
): void {
  const text = Buffer.from(JSON.stringify(content))
  const zipped = /gzip/.test(request.headers['accept-encoding'] ?? '')
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(zipped ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(zipped ? gzipSync(text, { level: 1 }) : text)
}
