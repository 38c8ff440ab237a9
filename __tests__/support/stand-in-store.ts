import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { listen } from './listen.ts'

/** Something at the address of a store, which answers as a test wants. */
export interface StandInStore extends AsyncDisposable {
  readonly endpoint: string
  /** `GET /bucket/key?…`, as they came. */
  readonly requests: readonly string[]
  /** How many connections have been made. */
  readonly connections: number
}

export async function startStandIn(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<StandInStore> {
  const requests: string[] = []
  let connections = 0
  const server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    // Who answers before it has read loses its answer with the connection.
    request.resume().once('end', () => answer(request, response))
  })
  server.on('connection', () => (connections += 1))
  const port = await listen(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
