import { createConnection } from 'node:net'
import { connect } from 'node:tls'
import type { Connection } from './connection.ts'

const CANCEL_CODE = 80_877_102
const TLS_CODE = 80_877_103
const TLS_AGREED = 'S'.charCodeAt(0)

/** What a server gave a session, so that its statements can be cancelled from outside. */
export interface CancelKey {
  readonly processId: number
  readonly secretKey: number
}

/**
 * Asks the server to cancel what a session runs: a query whose client is gone goes on to its end otherwise. Resolves when
 * the server has heard it, which it shows by closing, and after `limitMs` in any case; it never rejects, for whoever is
 * being cancelled has nobody to tell. The server proves nothing here: the key can only cancel this one session.
 */
export function requestCancel(
  { host, port }: Pick<Connection, 'host' | 'port'>,
  key: CancelKey,
  { encrypted, limitMs }: { readonly encrypted: boolean; readonly limitMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    const isSocket = host.startsWith('/')
    const socket = isSocket ? createConnection(`${host}/.s.PGSQL.${port}`) : createConnection({ host, port })
    const end = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve()
    }
    const timer = setTimeout(end, limitMs)
    const message = words(CANCEL_CODE, key.processId, key.secretKey)
    socket.on('error', end).on('close', end)
    socket.on('connect', () => socket.write(encrypted ? words(TLS_CODE) : message))
    socket.once('data', (answer: Buffer) => {
      if (answer[0] !== TLS_AGREED) {
        end()
        return
      }
      const name = /^[\d.:]+$/.test(host) ? {} : { servername: host }
      const secured = connect({ socket, rejectUnauthorized: false, ...name })
      secured.on('secureConnect', () => secured.write(message)).on('error', end)
    })
  })
}

/** A packet without a type: its length, and numbers. */
function words(...numbers: readonly number[]): Buffer {
  const packet = Buffer.alloc(4 * (numbers.length + 1))
  ;[packet.length, ...numbers].forEach((number, at) => packet.writeInt32BE(number | 0, 4 * at))
  return packet
}
