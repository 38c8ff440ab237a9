import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childEnvironment } from '../../../src/pipeline/process.ts'
import { parseConnection } from '../../../src/postgres/connection.ts'
import { libpqAccess } from '../../../src/postgres/libpq.ts'
import { openSession } from '../../../src/postgres/session.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { startPostgres, type PostgresServer } from '../../support/postgres-server.ts'
import { roguePostgres, type Rogue } from '../../support/rogue-postgres.ts'
import { runProgram } from '../../support/run-program.ts'
import { unprivilegedUser } from '../../support/unprivileged-user.ts'

const never = new AbortController().signal
const TLS = `SELECT version, client_dn FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()`

/** What a URL asks of a connection holds in our own client and in PostgreSQL's programs. */
describe('A connection URL', () => {
  let server: PostgresServer
  let folder: string
  let certificate: string
  let key: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-promises-'))
    ;({ certificate, key } = await makeCertificate(folder, 'server'))
    server = await startPostgres()
    const user = unprivilegedUser()
    for (const name of ['server.crt', 'server.key']) {
      await copyFile(join(folder, name), join(server.dataDir, name))
      await chmod(join(server.dataDir, name), 0o600)
      if (user) await chown(join(server.dataDir, name), user.uid, user.gid)
    }
    await server.psql(`ALTER SYSTEM SET ssl = on`)
    await server.psql(`ALTER SYSTEM SET ssl_ca_file = 'server.crt'`)
    await server.restart()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const ours = async (url: string, sql: string): Promise<string> => {
    await using session = await openSession(parseConnection(url).connection, never)
    const [row] = await session.query(sql)
    return Object.values(row ?? {}).join('|')
  }
  const theirs = async (url: string, sql: string): Promise<string> => {
    await using access = await libpqAccess(parseConnection(url).connection, folder)
    const env = childEnvironment(access.environment)
    return (await runProgram(join(server.binDir, 'psql'), ['-XAtqw', '-c', sql], { env })).trim()
  }
  const BOTH = [
    ['our own client', ours],
    ["PostgreSQL's programs", theirs],
  ] as const

  describe.each(BOTH)('in %s', (_, ask) => {
    it.each<[string, Rogue, boolean]>([
      ['sslmode=require&channel_binding=require', 'clear', true],
      ['sslmode=require&channel_binding=require', 'md5', true],
      ['sslmode=require&channel_binding=require', 'scram', true],
      ['sslmode=require&channel_binding=require', 'open', true],
      ['channel_binding=require', 'clear', false],
      ['channel_binding=require', 'scram', false],
      ['channel_binding=require', 'scram-plus', false],
      ['channel_binding=require', 'open', false],
      ['sslmode=verify-full', 'clear', true],
      ['sslmode=require', 'clear', false],
      ['require_auth=scram-sha-256', 'clear', true],
      ['require_auth=scram-sha-256', 'md5', false],
      ['require_auth=scram-sha-256', 'open', false],
      ['require_auth=!password,!md5', 'clear', false],
      ['require_auth=md5', 'scram', false],
      ['', 'kerberos', false],
    ])('tells a server nothing where "%s" and it wants "%s" (TLS: %s)', async (query, rogue, encrypted) => {
      const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') }
      await using between = await roguePostgres(rogue, encrypted ? tls : undefined)
      const url = `postgresql://u:Top-Secret-Pw@127.0.0.1:${between.port}/d?${query}`
      await expect(ask(url, 'SELECT 1')).rejects.toThrow()
      expect(between.got()).toBe('')
    })

    it.each([
      ['sslmode=require&channel_binding=require', /^TLSv1\.3\|$/],
      ['sslmode=require&channel_binding=disable', /^TLSv1\.3\|$/],
      ['sslmode=require&ssl_max_protocol_version=TLSv1.2', /^TLSv1\.2\|$/],
      ['sslmode=require&ssl_min_protocol_version=TLSv1.3', /^TLSv1\.3\|$/],
      ['sslmode=require&sslcert=CRT&sslkey=KEY', /^TLSv1\.3\|.*localhost/],
      ['sslmode=verify-full&sslrootcert=CRT', /^TLSv1\.3\|$/],
      ['sslmode=disable&gssencmode=prefer', /^\|$/],
    ])('keeps %s', async (query, expected) => {
      const named = query.replace('CRT', certificate).replace('KEY', key).replace('CRT', certificate)
      const url = server.url().replace('127.0.0.1', 'localhost')
      expect(await ask(`${url}?${named}`, TLS)).toMatch(expected)
    })

    it('keeps options', async () => {
      expect(await ask(`${server.url()}?options=-c%20work_mem%3D1234kB`, 'SHOW work_mem')).toBe('1234kB')
    })

    it('believes no authority that nobody knows', async () => {
      const url = server.url().replace('127.0.0.1', 'localhost')
      for (const query of ['sslmode=verify-full', 'sslrootcert=system'])
        await expect(ask(`${url}?${query}`, 'SELECT 1')).rejects.toThrow()
    })

    it('looks at what is revoked', async () => {
      const revoked = await revokedList()
      const url = server.url().replace('127.0.0.1', 'localhost')
      const query = `sslmode=verify-full&sslrootcert=${certificate}`
      expect(await ask(`${url}?${query}`, 'SELECT 1')).toBe('1')
      await expect(ask(`${url}?${query}&sslcrl=${revoked}`, 'SELECT 1')).rejects.toThrow()
    })

    it('takes nothing from variables of the environment', async () => {
      const variables = { PGOPTIONS: '-c work_mem=4321kB', PGPASSWORD: server.password, PGSSLMODE: 'disable' }
      Object.assign(process.env, variables)
      try {
        expect(await ask(server.url(), 'SHOW work_mem')).not.toBe('4321kB')
        expect(await ask(server.url(), TLS)).toContain('TLS')
        const bare = server.url().replace(/:pw-[^@]+@/, '@')
        await expect(ask(bare, 'SELECT 1')).rejects.toThrow(/no password/)
      } finally {
        for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name)
      }
    })
  })

  it('is refused by an older libpq, where it asks for what that does not know', async () => {
    const url = `${server.url()}?require_auth=scram-sha-256`
    expect(await ours(url, 'SELECT 1')).toBe('1')
    // Since version 16 libpq knows it; what must never happen is that it passes over it.
    const outcome = await theirs(url, 'SELECT 1').catch((error: unknown) => String(error))
    expect(outcome).toMatch(/^1$|syntax error in service file/)
  })

  it('does not believe a server that ends SCRAM without its proof', async () => {
    await using between = await roguePostgres('scram-unproven')
    const url = `postgresql://u:Top-Secret-Pw@127.0.0.1:${between.port}/d`
    await expect(ours(url, 'SELECT 1')).rejects.toThrow(/did not prove/)
    expect(between.got()).not.toContain('Top-Secret-Pw')
  })

  it('names a file that cannot be read', async () => {
    await expect(
      ours(`${server.url()}?sslmode=verify-full&sslrootcert=/no/such.crt`, 'SELECT 1'),
    ).rejects.toMatchObject({ code: 'input', message: expect.stringContaining('sslrootcert') })
  })

  /** The server's own certificate, revoked by itself. */
  async function revokedList(): Promise<string> {
    const config = join(folder, 'ca.cnf')
    const [index, list] = [join(folder, 'index.txt'), join(folder, 'revoked.crl')]
    await writeFile(index, '')
    await writeFile(
      config,
      `[ca]\ndefault_ca=own\n[own]\ndatabase=${index}\ndefault_md=sha256\ndefault_crl_days=1\nprivate_key=${key}\ncertificate=${certificate}\n`,
    )
    await runProgram('openssl', ['ca', '-config', config, '-revoke', certificate])
    await runProgram('openssl', ['ca', '-config', config, '-gencrl', '-out', list])
    return list
  }
})
