import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction, type ActionResult } from '../support/action-runner.ts'
import { keyPair, type KeyPair } from '../support/backup-step.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'

interface Line {
  readonly area: string
  readonly check: string
  readonly result: 'passed' | 'advice' | 'failed' | 'not-checked'
  readonly found: string
  readonly todo: string | null
}

const HEALTHY = `
on: { schedule: [{ cron: '17 2 * * *' }] }
jobs:
  backup:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/lifeboat@v1
        with: { command: doctor, age-identities: '\${{ secrets.AGE_IDENTITY }}' }
      - uses: acme/lifeboat@v1
        with: { command: backup }
  prune:
    needs: backup
    runs-on: ubuntu-latest
    steps:
      - uses: acme/lifeboat@v1
        with: { command: prune, keep: daily=30 }
`
const READER = { user: 'reader', password: 'reader-password' }
const NOBODY = { user: 'nobody_here', password: 'nobody-password' }

describe('The doctor', () => {
  let server: PostgresServer
  let store: Radosgw
  let proxy: FaultProxy
  let keys: KeyPair
  let stranger: KeyPair
  let folder: string

  beforeAll(async () => {
    ;[server, store, keys, stranger] = await Promise.all([
      startPostgres(),
      startRadosgw(),
      keyPair(),
      keyPair(),
    ])
    proxy = await startFaultProxy(store.endpoint)
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-doctor-'))
    await server.psql('CREATE DATABASE shop')
    await server.psql(
      `CREATE ROLE reader LOGIN BYPASSRLS PASSWORD '${READER.password}' IN ROLE pg_read_all_data;
       CREATE ROLE nobody_here LOGIN PASSWORD '${NOBODY.password}';
       CREATE TABLE orders (id int); INSERT INTO orders VALUES (1); GRANT SELECT ON orders TO nobody_here;
       CREATE TABLE tenants (id int); ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
       GRANT SELECT ON tenants TO nobody_here;
       CREATE TABLE "se cret" (id int);
       CREATE SCHEMA hidden; CREATE TABLE hidden.inside (id int);
       SELECT lo_from_bytea(4711, 'x'); SELECT lo_from_bytea(4712, 'x');
       GRANT SELECT ON LARGE OBJECT 4711 TO reader; GRANT SELECT ON LARGE OBJECT 4712 TO reader;
       GRANT SELECT ON LARGE OBJECT 4711 TO nobody_here;`,
      'shop',
    )
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  /** A repository with these workflow files and this runbook, and a step in it. */
  const doctor = async ({
    inputs = {},
    env = {},
    workflows = { 'backup.yml': HEALTHY },
    runbook = '# The bucket is shop-backups.\n',
  }: {
    inputs?: Readonly<Record<string, string>>
    env?: Readonly<Record<string, string>>
    workflows?: Readonly<Record<string, string>>
    runbook?: string
  } = {}): Promise<{ result: ActionResult; line: (area: string, check: string) => Line[] }> => {
    const workspace = await mkdtemp(join(folder, 'workspace-'))
    await mkdir(join(workspace, '.github/workflows'), { recursive: true })
    for (const [name, text] of Object.entries(workflows)) {
      await writeFile(join(workspace, '.github/workflows', name), text)
    }
    await writeFile(join(workspace, 'RUNBOOK_DR.md'), runbook)
    const result = await runAction({
      inputs: {
        command: 'doctor',
        bucket: store.bucket,
        endpoint: proxy.endpoint,
        region: store.region,
        'age-recipients': keys.recipient,
        'age-identities': keys.identity,
        keep: 'daily=30',
        ...inputs,
      },
      env: {
        DATABASE_URL: server.url('shop', READER),
        R2_ACCESS_KEY_ID: store.accessKeyId,
        R2_SECRET_ACCESS_KEY: store.secretAccessKey,
        GITHUB_WORKSPACE: workspace,
        GITHUB_JOB: 'backup',
        ...env,
      },
    })
    const lines = JSON.parse(result.outputs['findings'] ?? '[]') as Line[]
    return {
      result,
      line: (area, check) => lines.filter((each) => each.area.startsWith(area) && each.check === check),
    }
  }
  const failing = (found: RegExp): unknown =>
    expect.objectContaining({ result: 'failed', found: expect.stringMatching(found) as unknown })

  it('finds nothing wrong where nothing is, and leaves nothing behind', async () => {
    const { result, line } = await doctor()
    expect(JSON.parse(result.outputs['findings'] ?? '[]')).not.toContainEqual(
      expect.objectContaining({ result: 'failed' }),
    )
    expect(result).toMatchObject({ exitCode: 0, outputs: { failed: '0' } })
    for (const check of [
      'reachable, list',
      'clock',
      'write',
      'read back',
      'conditional write',
      'multipart write',
      'read back in full',
      'delete',
    ]) {
      expect(line('Store', check)).toEqual([expect.objectContaining({ result: 'passed' })])
    }
    for (const check of [
      'reachable',
      'TLS',
      'version',
      'damage',
      'client tools',
      'tables, schemas, sequences',
      'row security',
      'large objects',
      'extensions',
    ]) {
      expect(line('Database "shop"', check)).toEqual([expect.objectContaining({ result: 'passed' })])
    }
    expect(line('Keys', 'identity opens what the recipients seal')[0]?.found).toContain('recipient 1 of 1')
    expect(line('Workflows', 'secrets arrive')[0]?.result).toBe('passed')
    expect(result.summary).toContain('all is well')
    expect(await store.view.keys()).toEqual([])
    expect(await store.view.uploads()).toEqual([])
    for (const secret of [READER.password, store.secretAccessKey, keys.identity]) {
      expect(result.log.replaceAll(/^::add-mask::.*$/gm, '') + result.summary).not.toContain(secret)
    }
  })

  it('names all that a role cannot read, and goes on', async () => {
    const { result, line } = await doctor({ env: { DATABASE_URL: server.url('shop', NOBODY) } })
    expect(result.exitCode).toBe(1)
    const area = 'Database "shop"'
    const [tables] = line(area, 'tables, schemas, sequences')
    expect(tables).toEqual(failing(/"se cret"/))
    expect(tables).toEqual(failing(/hidden\.inside/))
    expect(tables?.found).not.toContain('orders')
    expect(tables?.todo).toContain('GRANT pg_read_all_data TO nobody_here')
    expect(line(area, 'row security')).toEqual([failing(/tenants/)])
    expect(line(area, 'large objects')).toEqual([failing(/large object 4712 may/)])
    expect(line('Store', 'delete')[0]?.result).toBe('passed')
    // The job's error lists them, too.
    expect(result.log).toMatch(/::error::.*row security.*large objects/)
  })

  it('makes lines of wrong inputs, and checks what can be checked without them', async () => {
    const { result, line } = await doctor({
      inputs: { 'age-recipients': 'nonsense', 'age-identites': 'a typo', compression: 'zip' },
      env: { DATABASE_URL: 'postgresql://u:secret-password@a,b/shop', AGE_IDENTITY: '' },
    })
    expect(result.exitCode).toBe(1)
    const area = 'Inputs and environment'
    expect(line(area, 'age-recipients')).toEqual([failing(/./)])
    expect(line(area, 'age-identites')[0]?.todo).toContain('age-identities')
    expect(line(area, 'compression')).toEqual([failing(/does not use it/)])
    expect(line(area, 'database-url (from DATABASE_URL)')).toEqual([failing(/several hosts/)])
    expect(line('Database', 'everything')[0]?.result).toBe('not-checked')
    expect(line('Keys', 'recipients')[0]?.result).toBe('not-checked')
    expect(line('Store', 'delete')[0]?.result).toBe('passed')
    expect(result.log).not.toMatch(/^(?!::add-mask::).*secret-password/m)
  })

  it('tells what arrives empty, and by which name it was wanted', async () => {
    const { line } = await doctor({
      inputs: { 'age-identities': '' },
      env: { DATABASE_URL: '', AGE_IDENTITY: '', R2_SECRET_ACCESS_KEY: '' },
    })
    const area = 'Inputs and environment'
    expect(line(area, 'DATABASE_URL')).toEqual([failing(/arrives empty/)])
    expect(line(area, 'R2_SECRET_ACCESS_KEY')).toEqual([failing(/arrives empty/)])
    expect(line('Workflows', 'secrets arrive')).toEqual([failing(/AGE_IDENTITY \(as age-identities\)/)])
    expect(line('Store', 'everything')[0]?.result).toBe('not-checked')
    expect(line('Keys', 'identity opens what the recipients seal')[0]?.result).toBe('not-checked')
  })

  it('sees that keys do not fit, a server does not answer and a connection is in the clear', async () => {
    const { line } = await doctor({
      inputs: { 'age-recipients': stranger.recipient },
      env: { DATABASE_URL: 'postgresql://u:password1@127.0.0.1:1/shop' },
    })
    expect(line('Keys', 'identity opens what the recipients seal')).toEqual([failing(/opens nothing/)])
    expect(line('Database "shop"', 'reachable')).toEqual([failing(/Cannot connect/)])
    // An address of this machine that does not look like one.
    const url = server.url('shop', READER).replace('127.0.0.1', '0.0.0.0')
    const clear = await doctor({ inputs: { 'age-recipients': 'none' }, env: { DATABASE_URL: url } })
    expect(clear.line('Database "shop"', 'TLS')).toEqual([failing(/not encrypted/)])
    expect(clear.line('Keys', 'recipients')).toEqual([failing(/is none/)])
  })

  it('sees what a store does wrong', async () => {
    const denied = { kind: 'answer', status: 403, code: 'AccessDenied' } as const
    proxy.set(
      { match: /\?(.*&)?delete|^DELETE/, fault: denied },
      { match: /uploads/, fault: { kind: 'answer', status: 501, code: 'NotImplemented' } },
      { match: /object-lock|versioning|lifecycle/, fault: denied },
      { match: /^GET .*-small/, fault: { kind: 'edit-reply', body: () => 'Liferaft\n' } },
    )
    const { result, line } = await doctor()
    expect(line('Store', 'delete')).toEqual([failing(/refused.*stay/)])
    expect(line('Store', 'multipart write')).toEqual([failing(/./)])
    expect(line('Store', 'read back')).toEqual([failing(/other bytes/)])
    for (const check of ['versions', 'object lock', 'lifecycle']) {
      expect(line('Store', check)).toEqual([
        expect.objectContaining({ result: 'not-checked', found: 'these keys may not ask.' }),
      ])
    }
    expect(line('Database "shop"', 'large objects')[0]?.result).toBe('passed')
    expect(result.outputs['failed']).toBe('3')
    proxy.reset()
    const lost = await doctor({ inputs: { bucket: 'nobody-made-it' } })
    expect(lost.line('Store', 'reachable, list')).toEqual([failing(/there is no bucket/)])
    expect(lost.line('Store', 'write')).toEqual([failing(/./)])
    expect(lost.line('Store', 'read back')[0]?.result).toBe('not-checked')
  })

  it('reads the workflows and the runbook of the repository', async () => {
    const { line } = await doctor({
      workflows: {
        'hourly.yml': `{ on: { schedule: [{ cron: '0 2 * * *' }] }, jobs: { a: { steps: [{ uses: './', with: { command: backup }, continue-on-error: true }] }, z: { steps: [{ uses: 'acme/lifeboat@v1', with: { command: prune } }] } } }`,
        'called.yml': `{ on: workflow_call, jobs: { b: { steps: [{ uses: './', with: { command: backup }, env: { DATABASE_URL: '\${{ secrets.DB }}' } }] } } }`,
        'caller.yml': `{ on: push, jobs: { c: { uses: './.github/workflows/called.yml' } } }`,
        'script.yml': `{ on: push, jobs: { d: { steps: [{ run: "pg_dump shop | gzip > f" }, { run: "pg_dump shop | gzip > f", shell: bash }] } } }`,
        'broken.yml': 'jobs: [',
      },
      runbook: 'The bucket is <<FILL IN: name of the bucket>>.\n',
    })
    const [advice] = line('Workflows', 'schedule of backup')
    expect(advice).toMatchObject({
      result: 'advice',
      found: expect.stringContaining('on the hour') as unknown,
    })
    expect(line('Workflows', 'prune after backup')).toEqual([failing(/job z: it prunes without waiting/)])
    expect(line('Workflows', 'failures are red')).toEqual([failing(/continue-on-error/)])
    expect(line('Workflows', 'uses: ./')).toEqual(
      expect.arrayContaining([
        failing(/hourly\.yml.*no step before/),
        failing(/called\.yml.*no step before/),
      ]),
    )
    expect(line('Workflows', 'secrets arrive')).toEqual([failing(/called\.yml gets no DB/)])
    expect(line('Workflows', 'pipes fail')).toHaveLength(1)
    expect(line('Workflows', '.github/workflows/broken.yml')).toEqual([failing(/cannot be read/)])
    expect(line('Runbook', 'RUNBOOK_DR.md')).toEqual([failing(/line 1 \(name of the bucket\)/)])
  })
})
