import { createServer } from 'node:http'
import { listen } from './listen.ts'

export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: string
}

/** What a receiver does with a message; `hang` takes it and never answers. */
export type Answer =
  | 'hang'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

/** A web server on loopback that keeps what it was sent and answers as told. */
export interface Receiver extends AsyncDisposable {
  readonly origin: string
  readonly received: readonly Received[]
  /** From here on requests whose path begins with `path` are answered so, one after another, the last one for good. */
  answer(path: string, ...answers: Answer[]): void
  /** Resolves as soon as a request has come whose path begins with `path`. */
  hears(path: string): Promise<void>
  /** Forgets what was received and what to answer. */
  reset(): void
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const watchers = new Set<() => void>()
  const answers = new Map<string, Answer[]>()
  const next = (path: string): Answer => {
    const left = [...answers].find(([begin]) => path.startsWith(begin))?.[1] ?? []
    return (left.length > 1 ? left.shift() : left[0]) ?? { status: 200 }
  }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      received.push({ path, headers: request.headers, body })
      for (const look of watchers) look()
      const answer = next(path)
      if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end(answer.body ?? '')
    })
  })
  const port = await listen(server)
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    answer: (path, ...each) => void answers.set(path, each),
    hears: (path) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!received.some((each) => each.path.startsWith(path))) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
    reset() {
      received.length = 0
      answers.clear()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
