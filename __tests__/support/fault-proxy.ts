import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'

/** What happens to a request instead of being passed on and answered. */
export type Fault =
  /** The server never hears of it. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly code?: string
      readonly headers?: Record<string, string>
    }
  /** The connection breaks after so many bytes of the request's body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The server does it, and its answer breaks off after so many bytes of the body. */
  | { readonly kind: 'cut-reply'; readonly afterBytes: number }
  /** The server does it, and the connection breaks instead of an answer. */
  | { readonly kind: 'drop-reply' }
  /** The server does it, and its answer arrives changed. */
  | {
      readonly kind: 'edit-reply'
      readonly body?: (text: string) => string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Nothing happens any more. */
  | { readonly kind: 'hang' }
  /** Somebody else was faster: `first` happens, and then the server does it. */
  | { readonly kind: 'forestall'; readonly first: (line: string) => Promise<void> }

export interface Trap {
  /** Against `PUT /bucket/key?partNumber=2&…`. */
  readonly match: RegExp
  readonly fault: Fault
  /** Requests that fall into it; every one when not given. */
  readonly times?: number
}

export interface LoggedRequest {
  /** `PUT /bucket/key?partNumber=2&…` */
  readonly line: string
  readonly fault: Fault['kind'] | undefined
  readonly headers: IncomingHttpHeaders
}

export interface FaultProxy extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string
  readonly log: readonly LoggedRequest[]
  /** Requests that hang or are being passed on. */
  readonly open: number
  set(...traps: Trap[]): void
  /** Forgets traps and log. */
  reset(): void
}

/**
 * Stands in front of an HTTP server and does to requests what networks and busy servers do. The `Host` header is
 * passed on unchanged, for it is signed.
 */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const target = new URL(upstream)
  let traps: { trap: Trap; left: number }[] = []
  let log: LoggedRequest[] = []
  let open = 0
  const server = createServer((request, response) => {
    const line = `${request.method ?? ''} ${request.url ?? ''}`
    const found = traps.find(({ trap, left }) => left > 0 && trap.match.test(line))
    if (found) found.left -= 1
    log.push({ line, fault: found?.trap.fault.kind, headers: request.headers })
    open += 1
    response.once('close', () => (open -= 1))
    apply(found?.trap.fault, target, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get log() {
      return log
    },
    get open() {
      return open
    },
    set: (...next) => {
      traps = next.map((trap) => ({ trap, left: trap.times ?? Number.POSITIVE_INFINITY }))
    },
    reset: () => {
      traps = []
      log = []
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function apply(
  fault: Fault | undefined,
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  switch (fault?.kind) {
    case 'answer':
      // A server that reads the body first lets the client see the answer.
      request.resume().once('end', () => {
        const code = fault.code ?? 'InternalError'
        response.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers })
        response.end(
          request.method === 'HEAD' ? '' : `<Error><Code>${code}</Code><Message>injected</Message></Error>`,
        )
      })
      return
    case 'cut': {
      let seen = 0
      request.on('data', (chunk: Buffer) => {
        seen += chunk.length
        if (seen >= fault.afterBytes) request.socket.destroy()
      })
      if (fault.afterBytes === 0) request.socket.destroy()
      return
    }
    case 'hang':
      request.resume()
      return
    case 'drop-reply':
      forward(target, request, response, (reply) =>
        reply.resume().once('end', () => request.socket.destroy()),
      )
      return
    case 'cut-reply':
      forward(target, request, response, (reply) => cutReply(reply, request, response, fault.afterBytes))
      return
    case 'edit-reply':
      forward(target, request, response, (reply) => void editReply(reply, response, fault))
      return
    case 'forestall':
      void fault
        .first(`${request.method ?? ''} ${request.url ?? ''}`)
        .then(() => passOn(target, request, response))
      return
    case undefined:
      passOn(target, request, response)
  }
}

function passOn(target: URL, request: IncomingMessage, response: ServerResponse): void {
  forward(target, request, response, (reply) => {
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    reply.pipe(response)
    reply.once('error', () => request.socket.destroy())
  })
}

function cutReply(
  reply: IncomingMessage,
  request: IncomingMessage,
  response: ServerResponse,
  afterBytes: number,
): void {
  let left = afterBytes
  response.writeHead(reply.statusCode ?? 502, reply.headers)
  reply.on('data', (chunk: Buffer) => {
    const piece = chunk.subarray(0, left)
    left -= piece.length
    response.write(piece, () => {
      if (left === 0) request.socket.destroy()
    })
  })
}

async function editReply(
  reply: IncomingMessage,
  response: ServerResponse,
  { body, headers }: Extract<Fault, { kind: 'edit-reply' }>,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of reply) chunks.push(chunk as Buffer)
  const content = Buffer.concat(chunks)
  const edited = body ? Buffer.from(body(content.toString())) : content
  const { 'transfer-encoding': _chunked, ...others } = reply.headers
  response.writeHead(reply.statusCode ?? 502, { ...others, ...headers, 'content-length': edited.length })
  response.end(edited)
}

function forward(
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
  answer: (reply: IncomingMessage) => void,
): void {
  let replied: IncomingMessage | undefined
  const onward = httpRequest(
    {
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: request.headers,
      // No connection outlives its request: a server that has one open does not end.
      agent: false,
    },
    (reply) => answer((replied = reply)),
  )
  onward.once('error', () => request.socket.destroy())
  response.once('close', () => {
    if (replied?.complete !== true) onward.destroy()
  })
  request.pipe(onward)
}
