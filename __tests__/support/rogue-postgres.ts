import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { listen } from './listen.ts'

/** What a server in between does once somebody wants in. */
export type Rogue = 'clear' | 'md5' | 'scram' | 'scram-plus' | 'scram-unproven' | 'open' | 'kerberos'

export interface RoguePostgres extends AsyncDisposable {
  readonly port: number
  /** Whatever arrived after the startup message, of all connections. */
  readonly got: () => string
}

const SSL_REQUEST = 80_877_103

/** A server that speaks as much of PostgreSQL's protocol as it needs to ask for a password; without `tls` it has none. */
export async function roguePostgres(
  rogue: Rogue,
  tls?: { readonly key: string; readonly cert: string },
): Promise<RoguePostgres> {
  const got: Buffer[] = []
  const sockets = new Set<Socket>()
  const greet = (socket: Socket): void => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      socket.on('data', (chunk: Buffer) => {
        got.push(chunk)
        if (rogue === 'scram-unproven') answerScram(socket, chunk)
      })
      socket.write(FIRST[rogue])
    })
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (chunk) => {
      if (chunk.readInt32BE(4) !== SSL_REQUEST) {
        greet(socket)
        socket.emit('data', chunk)
      } else if (tls === undefined) {
        greet(socket)
        socket.write('N')
      } else {
        socket.write('S')
        greet(new TLSSocket(socket, { isServer: true, ...tls }))
      }
    })
  })
  const port = await listen(server)
  return {
    port,
    got: () => Buffer.concat(got).toString('latin1'),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Goes along with SCRAM, and then lets in without the proof that it owes. */
function answerScram(socket: Socket, chunk: Buffer): void {
  const nonce = /r=([^,]+)$/.exec(chunk.toString('latin1'))?.[1]
  if (chunk.toString('latin1').includes('p=')) socket.write(Buffer.concat([auth(0), READY]))
  else if (nonce !== undefined)
    socket.write(auth(11, Buffer.from(`r=${nonce}more,s=${Buffer.from('salt').toString('base64')},i=4096`)))
}

function message(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function auth(code: number, rest = Buffer.alloc(0)): Buffer {
  const number = Buffer.alloc(4)
  number.writeInt32BE(code)
  return message('R', Buffer.concat([number, rest]))
}

const READY = message('Z', Buffer.from('I'))
const FIRST: Readonly<Record<Rogue, Buffer>> = {
  clear: auth(3),
  md5: auth(5, Buffer.from('salt')),
  scram: auth(10, Buffer.from('SCRAM-SHA-256\0\0')),
  'scram-plus': auth(10, Buffer.from('SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')),
  'scram-unproven': auth(10, Buffer.from('SCRAM-SHA-256\0\0')),
  open: Buffer.concat([auth(0), READY]),
  kerberos: auth(7),
}
