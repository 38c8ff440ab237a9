import { connect, createServer } from 'node:net'
import { listen } from './listen.ts'
import type { PostgresServer } from './postgres-server.ts'

/** A session as the wire saw it. */
export interface RecordedSession {
  readonly database: string
  /** In their order; a cancel request has none. */
  readonly statements: string[]
}

/** Stands before a server and notes what each session sends. */
export interface StatementRecorder extends AsyncDisposable {
  /** As the server's own, through here. */
  url(database: string, login?: { readonly user: string; readonly password: string }): string
  readonly sessions: readonly RecordedSession[]
}

const STARTUP = 196_608

export async function recordStatements(
  server: Pick<PostgresServer, 'host' | 'port' | 'url'>,
): Promise<StatementRecorder> {
  const sessions: RecordedSession[] = []
  const proxy = createServer((client) => {
    const behind = connect(server.port, server.host)
    let session: RecordedSession | undefined
    let rest: Buffer = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (;;) {
        const head = session ? 1 : 0
        if (rest.length < head + 4) break
        const length = head + rest.readUInt32BE(head)
        if (rest.length < length) break
        const [kind, body] = [String.fromCharCode(rest[0] ?? 0), rest.subarray(head + 4, length)]
        rest = rest.subarray(length)
        if (session) {
          const texts = body.toString('utf8').split('\0')
          if (kind === 'Q') session.statements.push(texts[0] ?? '')
          if (kind === 'P') session.statements.push(texts[1] ?? '')
        } else if (body.readUInt32BE(0) === STARTUP) {
          const words = body.subarray(4).toString('utf8').split('\0')
          session = { database: words[words.indexOf('database') + 1] ?? '', statements: [] }
          sessions.push(session)
        }
      }
    })
    client.pipe(behind).pipe(client)
    // Either side may go at any time.
    for (const socket of [client, behind]) {
      socket.on('error', () => undefined)
      socket.on('close', () => [client, behind].forEach((each) => each.destroy()))
    }
  })
  const port = await listen(proxy)
  return {
    sessions,
    url: (...database) => server.url(...database).replace(`:${server.port}/`, `:${port}/`),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
