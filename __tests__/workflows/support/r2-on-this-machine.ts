import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { removeAtExit } from '../../support/remove-at-exit.ts'
import { runProgram } from '../../support/run-program.ts'
import type { Radosgw } from '../../support/radosgw.ts'

/** R2's address for one account, answered here. */
export interface R2OnThisMachine extends AsyncDisposable {
  /** For the runner: its steps find R2 here, and believe the certificate. */
  readonly env: Readonly<Record<string, string>>
  /** Connections that were made to it. */
  connections(): number
}

/** `https://<account>.r2.cloudflarestorage.com` with a certificate of its own, before an S3 server that speaks HTTP. */
export async function r2OnThisMachine(store: Radosgw, account: string): Promise<R2OnThisMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-r2-'))
  const keep = removeAtExit(folder)
  const host = `${account}.r2.cloudflarestorage.com`
  const [key, certificate, redirect] = ['key.pem', 'certificate.pem', 'redirect.cjs'].map((name) =>
    join(folder, name),
  )
  await runProgram('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${host}`],
    ...['-addext', `subjectAltName=DNS:${host}`, '-keyout', key ?? '', '-out', certificate ?? ''],
  ])
  let connections = 0
  const server = createServer(
    { key: await readFile(key ?? ''), cert: await readFile(certificate ?? '') },
    (socket) => {
      connections += 1
      const inner = connect(Number(new URL(store.endpoint).port), '127.0.0.1')
      socket.pipe(inner).pipe(socket)
      for (const each of [socket, inner]) each.on('error', () => (socket.destroy(), inner.destroy()))
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await writeFile(
    redirect ?? '',
    `const { Socket } = require('node:net')
const connect = Socket.prototype.connect
Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (options && options.host === '${host}') Object.assign(options, { host: '127.0.0.1', port: ${port} })
  return connect.apply(this, args)
}
`,
  )
  return {
    env: { NODE_OPTIONS: `--require=${redirect ?? ''}`, NODE_EXTRA_CA_CERTS: certificate ?? '' },
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await Promise.race([
        once(server, 'close'),
        new Promise((resolve) => setTimeout(resolve, 2_000).unref()),
      ])
      await rm(folder, { recursive: true, force: true })
      keep()
    },
  }
}
