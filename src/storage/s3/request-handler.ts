import { addAbortSignal, Readable } from 'node:stream'
import { NodeHttpHandler } from '@smithy/node-http-handler'

type HttpRequest = Parameters<NodeHttpHandler['handle']>[0]

const CONNECT_MS = 20_000
/** What is handed to a connection at a time. */
const SLICE = 256 * 1024

/** Owns the connections; `destroy` gives them up. `idleMs` bounds the time in which nothing moves on one. */
export function connections(idleMs: number, { keepAlive = true } = {}): NodeHttpHandler {
  const agents = keepAlive ? {} : { httpAgent: { keepAlive }, httpsAgent: { keepAlive } }
  return new NodeHttpHandler({ connectionTimeout: CONNECT_MS, socketTimeout: idleMs, ...agents })
}

export interface RequestWatch {
  /** What ends a request. */
  readonly signalOf: (method: string) => AbortSignal
  /** A body whose request did not end well: the connection may still hold on to its bytes. */
  readonly onUnclean: (body: Buffer) => void
}

/**
 * Sends requests over `shared` connections such that each one ends with a signal (lib-storage passes none on), and
 * that a body goes out in slices: written in one piece, TLS copies it twice before the first byte leaves.
 */
export function watchedHandler(shared: NodeHttpHandler, watch: RequestWatch) {
  return {
    metadata: shared.metadata,
    async handle(request: HttpRequest, options: Parameters<NodeHttpHandler['handle']>[1] = {}) {
      const body: unknown = request.body
      try {
        const signal = watch.signalOf(request.method)
        const answer = await shared.handle(sliced(request), { ...options, abortSignal: signal })
        // Beyond its first line an answer is nobody's but its reader's.
        const bytes: unknown = answer.response.body
        if (bytes instanceof Readable) addAbortSignal(signal, bytes)
        if (Buffer.isBuffer(body) && answer.response.statusCode >= 300) watch.onUnclean(body)
        return answer
      } catch (error) {
        if (Buffer.isBuffer(body)) watch.onUnclean(body)
        throw error
      }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => shared.httpHandlerConfigs(),
    // The connections are shared: whoever made them gives them up.
    destroy: () => undefined,
  }
}

/** The request is signed already, and its length stands in its headers. */
function sliced(request: HttpRequest): HttpRequest {
  const body: unknown = request.body
  if (!Buffer.isBuffer(body) || body.length <= SLICE) return request
  // As the SDK's own copy would, this shares all the rest; the original keeps its body, for a retry.
  const value = Readable.from(slices(body), { objectMode: true, highWaterMark: 1 })
  return Object.create(request, { body: { value } }) as HttpRequest
}

function* slices(body: Buffer): Iterable<Buffer> {
  for (let start = 0; start < body.length; start += SLICE) yield body.subarray(start, start + SLICE)
}
