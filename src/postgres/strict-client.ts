import type { Duplex } from 'node:stream'
import pg from 'pg'
import type { AuthenticationMessage } from './authentication.ts'

declare module 'pg' {
  interface Connection {
    /** Reads the server's messages from `stream`, of which there are two where TLS begins. */
    attachListeners(stream: Duplex): void
  }
}

/** What is judged before node-postgres answers it. */
export type Judge = (message: AuthenticationMessage) => Error | undefined

/**
 * node-postgres's connection, which answers whatever a server asks for: here every message about authentication is judged
 * first, and after a refusal nothing more is heard or sent.
 */
export class StrictConnection extends pg.Connection {
  readonly #judge: Judge
  #refused = false

  constructor(config: pg.ClientConfig, judge: Judge) {
    super(config)
    this.#judge = judge
  }

  /** A message that node-postgres cannot read throws where nobody catches it: it becomes this connection's error. */
  override attachListeners(stream: Duplex): void {
    const before = new Set(stream.listeners('data'))
    super.attachListeners(stream)
    for (const read of stream.listeners('data').filter((listener) => !before.has(listener))) {
      const listener = read as (chunk: Buffer) => void
      stream.off('data', listener).on('data', (chunk: Buffer) => {
        try {
          listener(chunk)
        } catch (error) {
          super.emit('error', error)
          stream.destroy()
        }
      })
    }
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    const [message] = values
    if (typeof event !== 'string' || !isAuthentication(event, message)) return super.emit(event, ...values)
    if (this.#refused) return true
    const refusal = this.#judge(message)
    if (refusal === undefined) return super.emit(event, ...values)
    this.#refused = true
    super.emit('error', refusal)
    this.stream.destroy()
    return true
  }
}

function isAuthentication(event: string, message: unknown): message is AuthenticationMessage {
  return event.startsWith('authentication') && typeof message === 'object' && message !== null
}

/** A client that says to the server what it was told to say, and nothing that `PG…` variables of the environment hold. */
export class StrictClient extends pg.Client {
  readonly #startup: Readonly<Record<string, string>>

  constructor(config: pg.ClientConfig, startup: Readonly<Record<string, string>>) {
    super(config)
    this.#startup = startup
  }

  /** node-postgres asks for what it sends first. */
  getStartupConf(): Readonly<Record<string, string>> {
    return this.#startup
  }
}
