import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { startAction, type ActionResult, type RunningAction } from '../support/action-runner.ts'
import { backupStep, keyPair, type KeyPair } from '../support/backup-step.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { startPostgres, type PostgresServer } from '../support/postgres-server.ts'
import { descendantOf } from '../support/process-tree.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'
import { waitingPgDump } from '../support/waiting-pg-dump.ts'

/** After a cancel. */
const RUNNER_KILLS_MS = 10_000
/** Of the dump's upload; the first parts are stored, and the rest is to come. */
const PART_3 = /^PUT .*\.dump.*partNumber=3&/
const ANY_PART = /^PUT .*partNumber=/
const COMPLETE = /^POST .*\.dump.*\?uploadId=/
const MANIFEST = /^PUT .*manifest\.json/

describe('A backup that meets a fault', () => {
  let server: PostgresServer
  let store: Radosgw
  let proxy: FaultProxy
  let keys: KeyPair
  let folder = 0

  beforeAll(async () => {
    keys = await keyPair()
    ;[server, store] = await Promise.all([startPostgres(), startRadosgw()])
    proxy = await startFaultProxy(store.endpoint)
    await server.psql('CREATE DATABASE shop')
    // 66 MB that no compression makes smaller than the four parts of 8 MiB that may be under way: whoever makes them has to
    // wait while a part hangs.
    await server.psql(
      `CREATE TABLE noise AS SELECT i, string_agg(encode(sha256((i * 1000 + j)::text::bytea), 'base64'), '') AS bytes
       FROM generate_series(1, 1500) i, generate_series(1, 1000) j GROUP BY i`,
      'shop',
    )
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })
  afterEach(() => proxy.reset())

  const start = (
    inputs: Record<string, string> = {},
    env: Record<string, string> = {},
  ): Promise<RunningAction> => {
    folder += 1
    const around = { server, store, recipient: keys.recipient, endpoint: proxy.endpoint }
    const step = backupStep(around, { compression: 'none', prefix: `fault-${folder}`, ...inputs })
    return startAction({ ...step, env: { ...step.env, ...env } })
  }
  const run = async (
    inputs: Record<string, string> = {},
    env: Record<string, string> = {},
  ): Promise<ActionResult> => {
    await using action = await start(inputs, env)
    return await action.finished()
  }
  const manifests = async (): Promise<string[]> =>
    (await store.view.keys(`fault-${folder}/`)).filter((key) => key.endsWith('manifest.json'))
  /** Resolves when the proxy holds a request that matches. */
  const reached = async (request: RegExp): Promise<void> => {
    while (!proxy.log.some(({ line }) => request.test(line)))
      await new Promise((resolve) => setTimeout(resolve, 5))
  }

  /** Red, with one readable reason, and nothing left anywhere. */
  const expectRefused = async (result: ActionResult, reason: RegExp): Promise<void> => {
    expect(result.log).toMatch(reason)
    expect(result.exitCode).toBe(1)
    expect(result.log.match(/^::error/gm)).toHaveLength(1)
    expect(result.log).not.toMatch(/This is a defect/)
    await expectNothingLeft(result)
  }
  const expectNothingLeft = async (result: ActionResult): Promise<void> => {
    expect(await manifests()).toEqual([])
    expect(await store.view.uploads()).toEqual([])
    expect(result.leftFiles).toEqual([])
    for (const secret of [server.password, store.secretAccessKey]) {
      expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(secret)
      expect(result.summary).not.toContain(secret)
    }
  }

  it('succeeds where nothing goes wrong', async () => {
    const result = await run()
    expect(result).toMatchObject({ exitCode: 0, leftFiles: [] })
    expect(await manifests()).toHaveLength(1)
    expect(Number(result.outputs['bytes'])).toBeGreaterThan(40 * 2 ** 20)
  })

  it.each([
    ['pg_dump', /pg_dump.*--snapshot=/, { compression: 'none' }],
    ['xz', /xz /, { compression: 'xz:0' }],
    ['zstd', /zstd /, { compression: 'zstd:1' }],
  ] as const)('names %s when it is killed half-way', async (name, commandLine, inputs) => {
    proxy.set({ match: ANY_PART, fault: { kind: 'hang' } })
    await using action = await start(inputs)
    await reached(ANY_PART)
    process.kill((await descendantOf(action.pid, commandLine)).pid, 'SIGKILL')
    await expectRefused(await action.finished(), new RegExp(`${name}.*SIGKILL`))
  })

  it('says that the server went away when it restarts half-way', async () => {
    proxy.set({ match: ANY_PART, fault: { kind: 'hang' } })
    await using action = await start()
    await reached(ANY_PART)
    await server.restart({ crash: true })
    await expectRefused(await action.finished(), /pg_dump|connection|session that held the snapshot/)
  })

  it.each([
    ['refuses a part', { status: 403, code: 'AccessDenied' }, /AccessDenied|refuses/],
    ['is full', { status: 507, code: 'InsufficientStorage' }, /full|space|quota/i],
  ])('stops at once when the store %s', async (_, answer, reason) => {
    proxy.set({ match: PART_3, fault: { kind: 'answer', ...answer } })
    await expectRefused(await run(), reason)
  })

  it.each([
    ['answers 500', { kind: 'answer', status: 500, code: 'InternalError' }, 3],
    ['answers 429', { kind: 'answer', status: 429, code: 'TooManyRequests' }, 3],
    ['answers 503', { kind: 'answer', status: 503, code: 'SlowDown' }, 3],
    ['cuts the connection', { kind: 'cut', afterBytes: 100_000 }, 2],
    ['loses the reply', { kind: 'drop-reply' }, 1],
  ] as const)('survives a store that %s for a while', async (_, fault, times) => {
    proxy.set({ match: PART_3, fault, times })
    expect(await run()).toMatchObject({ exitCode: 0 })
    expect(proxy.log.filter((request) => request.fault === fault.kind)).toHaveLength(times)
    expect(await manifests()).toHaveLength(1)
  })

  it.each([
    ['the upload', COMPLETE],
    ['the manifest', MANIFEST],
  ])('knows its own object again when the reply to completing %s was lost', async (_, match) => {
    proxy.set({ match, fault: { kind: 'drop-reply' }, times: 1 })
    expect(await run()).toMatchObject({ exitCode: 0 })
    expect(proxy.log.filter(({ fault }) => fault === 'drop-reply')).toHaveLength(1)
    expect(await manifests()).toHaveLength(1)
  })

  it('ends when the store hangs, and leaves nothing', async () => {
    proxy.set({ match: PART_3, fault: { kind: 'hang' } })
    await expectRefused(await run({ limits: 'stall=8s retries=0' }), /stopped answering/)
    expect(proxy.log.filter(({ fault }) => fault === 'hang')).not.toHaveLength(0)
  })

  it.each([
    // The store of the tests knows no conditional completion, so it is asked before; others know both.
    ['the dump', PART_3],
    ['the manifest', MANIFEST],
  ])('overwrites nothing where somebody else wrote %s meanwhile', async (_, match) => {
    const taken: string[] = []
    const first = async (line: string): Promise<void> => {
      const key = decodeURIComponent(new URL(line.split(' ')[1] ?? '', 'http://store').pathname)
        .split('/')
        .slice(2)
        .join('/')
      taken.push(key)
      await store.client.send(
        new PutObjectCommand({ Bucket: store.bucket, Key: key, Body: 'somebody else’s' }),
      )
    }
    proxy.set({ match, fault: { kind: 'forestall', first }, times: 1 })
    const result = await run()
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/exists already/)
    expect(await store.view.uploads()).toEqual([])
    const [key = ''] = taken
    const object = await store.client.send(new GetObjectCommand({ Bucket: store.bucket, Key: key }))
    expect(await object.Body?.transformToString()).toBe('somebody else’s')
    // Of the dump: no manifest was written. Of the manifest: it is the other's, and no backup of ours counts.
    expect(await manifests()).toEqual(match === MANIFEST ? [key] : [])
  })

  it('gives up a store that stays broken, and says so', async () => {
    proxy.set({ match: PART_3, fault: { kind: 'answer', status: 503, code: 'SlowDown' } })
    await expectRefused(await run({ limits: 'retries=2' }), /SlowDown|503/)
  })

  it('is red when the manifest cannot be written, though everything else was', async () => {
    proxy.set({ match: MANIFEST, fault: { kind: 'answer', status: 403, code: 'AccessDenied' } })
    await expectRefused(await run(), /AccessDenied|refuses/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('aborts the upload within seconds of %s', async (signal) => {
    proxy.set({ match: PART_3, fault: { kind: 'hang' } })
    await using action = await start()
    await reached(PART_3)
    const since = performance.now()
    action.kill(signal)
    const result = await action.finished()
    expect(performance.now() - since).toBeLessThan(RUNNER_KILLS_MS)
    await expectRefused(result, new RegExp(`cancelled \\(${signal}\\)`))
  })

  it('leaves to the post step what SIGKILL interrupts', async () => {
    proxy.set({ match: PART_3, fault: { kind: 'hang' } })
    await using action = await start()
    await reached(PART_3)
    action.kill('SIGKILL')
    expect(await action.finished()).toMatchObject({ signal: 'SIGKILL' })
    expect(await store.view.uploads()).toHaveLength(1)
    proxy.reset()
    const post = await action.post()
    expect(post).toMatchObject({ exitCode: 0 })
    expect(post.log).toMatch(/Aborted the upload of .*\.dump/)
    await expectNothingLeft(post)
  })

  it('ends a dump that stands still', async () => {
    await using dump = await waitingPgDump(server.binDir)
    await using action = await start({ limits: 'stall=2s', 'pg-bin-dir': dump.binDir })
    await expectRefused(await action.finished(), /pg_dump.*(2 s|still|nothing|stall)/i)
  })

  it('says that the password is wrong before anything is written', async () => {
    const wrong = server.url('shop', { user: server.superuser, password: 'not-the-password-at-all' })
    const result = await run({}, { DATABASE_URL: wrong })
    await expectRefused(result, /password/)
    expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain('not-the-password-at-all')
    expect(await store.view.keys(`fault-${folder}/`)).toEqual([
      expect.stringMatching(/\/_lifeboat\/audit\/.*-backup-failure-/),
    ])
  })

  it('says that the store’s keys are wrong before the database is asked for anything', async () => {
    const result = await run({}, { R2_SECRET_ACCESS_KEY: 'not-the-secret-key-at-all' })
    await expectRefused(result, /SignatureDoesNotMatch|secret-access-key|refuses/)
    expect(result.log).not.toMatch(/Snapshot of/)
  })

  it.each([
    ['a recipient with a letter wrong', 'age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq'],
    ['an identity in place of a recipient', 'identity'],
  ])('refuses %s before anything is touched, and does not repeat it', async (_, text) => {
    const recipient = text === 'identity' ? keys.identity : text
    const result = await run({}, { AGE_RECIPIENT: recipient })
    await expectRefused(result, /age-recipients|AGE_RECIPIENT/)
    if (text === 'identity') expect(result.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(recipient)
    expect(proxy.log).toEqual([])
  })

  it('names every table and large object that the role may not read, before anything is locked', async () => {
    await server.psql(
      `CREATE ROLE weak LOGIN PASSWORD 'weak-password-1'; GRANT SELECT ON noise TO weak;
       CREATE TABLE hidden (i int); CREATE TABLE "also hidden" (i int); CREATE TABLE rls (i int); GRANT SELECT ON rls TO weak;
       ALTER TABLE rls ENABLE ROW LEVEL SECURITY; SELECT lo_from_bytea(4711, '\\x00')`,
      'shop',
    )
    const result = await run(
      {},
      { DATABASE_URL: server.url('shop', { user: 'weak', password: 'weak-password-1' }) },
    )
    await server.psql(
      `DROP TABLE hidden, "also hidden", rls; SELECT lo_unlink(4711); DROP OWNED BY weak; DROP ROLE weak`,
      'shop',
    )
    await expectRefused(result, /public\."also hidden".*public\.hidden.*public\.rls.*large object 4711/)
    expect(result.log).toMatch(/BYPASSRLS/)
    expect(result.log).not.toMatch(/Snapshot of/)
  })
})
