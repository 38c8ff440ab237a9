import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { chmod, chown, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { libpqAccess } from '../../../src/postgres/libpq.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { listen } from '../../support/listen.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { runProgram } from '../../support/run-program.ts'
import { unprivilegedUser } from '../../support/unprivileged-user.ts'

const never = new AbortController().signal

describe('A session', () => {
  let server: PostgresServer
  let folder: string
  let certificate: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-tls-'))
    certificate = join(folder, 'server.crt')
    const key = join(folder, 'server.key')
    const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    const pair = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
    ]
    await runProgram('openssl', ['req', '-x509', '-days', '2', ...name, ...pair])
    server = await startPostgres()
    const user = unprivilegedUser()
    for (const file of ['server.crt', 'server.key']) {
      await copyFile(join(folder, file), join(server.dataDir, file))
      await chmod(join(server.dataDir, file), 0o600)
      if (user) await chown(join(server.dataDir, file), user.uid, user.gid)
    }
    await server.psql(`ALTER SYSTEM SET ssl = on`)
    await server.restart()
    await server.psql(`CREATE ROLE "odd:user\\" LOGIN PASSWORD 'p:w\\d %/@#?'`)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const encryption = async (query: string, host = '127.0.0.1'): Promise<string | null | undefined> => {
    const url = `${server.url().replace('127.0.0.1', host)}?${query}`
    await using session = await openSession(parseConnection(url).connection, never)
    const [row] = await session.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return row?.ssl
  }
  /** What PostgreSQL's own programs make of the same URL. */
  const libpqEncryption = async (query: string, host = '127.0.0.1'): Promise<string> => {
    const url = `${server.url().replace('127.0.0.1', host)}?${query}`
    await using access = await libpqAccess(parseConnection(url).connection, folder)
    const sql = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'
    const env = childEnvironment(access.environment)
    return (await runProgram(join(server.binDir, 'psql'), ['-XAtq', '-c', sql], { env })).trim()
  }

  it.each([
    ['sslmode=disable', 'f'],
    ['sslmode=allow', 'f'],
    ['sslmode=prefer', 't'],
    ['', 't'],
    ['sslmode=require', 't'],
  ])('means by "%s" what libpq means', async (query, ssl) => {
    expect([await encryption(query), await libpqEncryption(query)]).toEqual([ssl, ssl])
  })

  it('verifies the chain, and for verify-full the name, as libpq does', async () => {
    const trusted = `sslrootcert=${certificate}`
    for (const ask of [encryption, libpqEncryption]) {
      expect(await ask(`sslmode=verify-ca&${trusted}`)).toBe('t')
      expect(await ask(`sslmode=verify-full&${trusted}`, 'localhost')).toBe('t')
      await expect(ask(`sslmode=verify-full&${trusted}`)).rejects.toThrow()
    }
    await expect(encryption('sslmode=verify-full')).rejects.toMatchObject({
      code: 'connection',
      hint: expect.stringContaining('sslrootcert'),
    })
  })

  it('takes an odd user and password through URL, passfile and environment', async () => {
    const login = { user: 'odd:user\\', password: 'p:w\\d %/@#?' }
    const { connection } = parseConnection(server.url('postgres', login))
    await using session = await openSession(connection, never)
    expect(await session.query('SELECT current_user AS me')).toEqual([{ me: login.user }])
    await using access = await libpqAccess(connection, folder)
    const env = childEnvironment(access.environment)
    const me = await runProgram(join(server.binDir, 'psql'), ['-XAtqw', '-c', 'SELECT current_user'], { env })
    expect(me.trim()).toBe(login.user)
    expect(JSON.stringify(env)).not.toContain('p:w')
  })

  it.each([
    ['28P01', (url: string) => url.replace(/:pw-[^@]+@/, ':wrong@'), /user or its password is wrong/],
    ['3D000', (url: string) => url.replace(/\/postgres$/, '/nowhere'), /no such database/],
    ['ECONNREFUSED', (url: string) => url.replace(/:\d+\//, ':1/'), /Nothing listens/],
    [
      'ENOTFOUND',
      (url: string) => url.replace('127.0.0.1', 'no-such-host.invalid'),
      // Without a network no DNS server says so.
      /not known|could not be looked up/,
    ],
  ])('says what to do about %s', async (_, spoil, hint) => {
    const { connection } = parseConnection(spoil(server.url()))
    await expect(openSession(connection, never)).rejects.toMatchObject({
      code: 'connection',
      hint: expect.stringMatching(hint),
    })
  })

  it.each(['disable', 'require'])(
    'ends when it is told to, while a server says nothing (sslmode=%s)',
    async (mode) => {
      const silent = createServer()
      const port = await listen(silent)
      const reached = once(silent, 'connection')
      const stop = new AbortController()
      const url = `postgresql://u:p@127.0.0.1:${port}/d?sslmode=${mode}`
      const opening = openSession(parseConnection(url).connection, stop.signal)
      await reached
      stop.abort(new Error('enough'))
      await expect(opening).rejects.toThrow('enough')
      silent.close()
    },
  )

  it('ends when it is told to, in the middle of a query', async () => {
    const stop = new AbortController()
    await using session = await openSession(parseConnection(server.url()).connection, stop.signal)
    const slow = session.query('SELECT pg_sleep(60)')
    stop.abort(new Error('enough'))
    await expect(slow).rejects.toThrow('enough')
  })

  it.each(['disable', 'require'])(
    'has the server cancel what runs when it is told to end (sslmode=%s)',
    async (mode) => {
      const stop = new AbortController()
      const url = `${server.url()}?sslmode=${mode}`
      await using session = await openSession(parseConnection(url).connection, stop.signal)
      const endless = session.query(`SELECT count(*) FROM generate_series(1, 1e12)`)
      const running = (): Promise<string> =>
        server.psql(
          `SELECT count(*) FROM pg_stat_activity WHERE pid = ${session.pid} AND query ~ 'generate_series'`,
        )
      while ((await running()) === '0');
      stop.abort(new Error('enough'))
      await expect(endless).rejects.toThrow('enough')
      await session[Symbol.asyncDispose]()
      while ((await running()) !== '0');
      expect(server.log()).toMatch(/canceling statement due to user request/)
    },
  )
})
