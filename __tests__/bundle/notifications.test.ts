import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runAction, startAction, type ActionOptions } from '../support/action-runner.ts'
import { listen } from '../support/listen.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const KEY = 'a81f3c52-6b1e-4f60-9d4e-0123456789ab'
const SLACK = '/services/T0123ABCD/B0123ABCD/abcdefghijklmnopqrstuvwx'
const RUN = {
  GITHUB_SERVER_URL: 'https://github.example.com',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '4711',
  GITHUB_WORKFLOW: 'nightly <!channel> @everyone',
}

describe('Notifications of the action', () => {
  let receiver: Receiver
  let other: Receiver
  let silent: Server
  let directory: string
  let silentPort: number

  beforeAll(async () => {
    ;[receiver, other] = await Promise.all([startReceiver(), startReceiver()])
    directory = await mkdtemp(join(tmpdir(), 'lifeboat-notifications-'))
    // Without a backup there is something to warn of.
    const backup = join(directory, 'db/app/20261122T021500Z-1a2b3c')
    await mkdir(backup, { recursive: true })
    await writeFile(join(backup, 'manifest.json'), '{}')
    // A database that accepts the connection and says nothing.
    silent = createServer(() => undefined)
    silentPort = await listen(silent)
  })
  beforeEach(() => {
    receiver.reset()
    other.reset()
  })
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    silent.close()
    await rm(directory, { recursive: true, force: true })
  })

  /** The quickest command there is, with both receivers. */
  const list = (inputs: Readonly<Record<string, string>> = {}): ActionOptions => ({
    inputs: {
      command: 'list',
      bucket: `file://${directory}`,
      'heartbeat-url': `${receiver.origin}/ping/${KEY}/?rid=7`,
      'notify-webhook': `${receiver.origin}/hooks/all?sig=0123456789abcdef`,
      ...inputs,
    },
    env: RUN,
  })
  /** A step that waits for a database until it is stopped. */
  const waiting = (inputs: Readonly<Record<string, string>>): ActionOptions => ({
    inputs: { ...list().inputs, command: 'backup', 'age-recipients': 'none', ...inputs },
    env: {
      ...RUN,
      DATABASE_URL: `postgresql://u:secret-password@127.0.0.1:${silentPort}/shop?sslmode=disable`,
    },
  })
  const paths = (): string[] =>
    receiver.received.map(({ path }) => path).filter((path) => path.startsWith('/ping'))
  const hook = (): unknown => {
    const { body } = receiver.received.find(({ path }) => !path.startsWith('/ping')) ?? { body: '{}' }
    return JSON.parse(body)
  }

  it('tell of start and success, behind the path and with the query', async () => {
    const result = await runAction(list())
    expect(result.exitCode).toBe(0)
    expect(paths()).toEqual([`/ping/${KEY}/start?rid=7`, `/ping/${KEY}/?rid=7`])
    expect(hook()).toMatchObject({
      version: 1,
      command: 'list',
      source: 'postgres',
      result: 'success',
      outputs: { backups: expect.stringContaining('20261122T021500Z-1a2b3c') },
      link: 'https://github.example.com/acme/shop/actions/runs/4711',
    })
  })

  it('tell of a failure, also where the inputs are wrong, with what to do and without a secret', async () => {
    const url = 'postgresql://u:secret-password@db/shop?nonsense'
    const { inputs } = list({
      command: 'backup',
      'age-recipients': 'none',
      compression: 'zip',
      'database-url': url,
    })
    const result = await runAction({ inputs: inputs ?? {}, env: RUN })
    expect(result.exitCode).toBe(1)
    expect(paths()).toEqual([`/ping/${KEY}/fail?rid=7`])
    expect(hook()).toMatchObject({ result: 'failure', failure: { code: 'input' } })
    const told = receiver.received.map(({ body }) => body).join('\n')
    expect(told).toContain('compression')
    expect(told).toContain('What to do: Correct the inputs')
    for (const secret of ['secret-password', KEY, '0123456789abcdef']) {
      expect(told).not.toContain(secret)
      expect(result.log.replaceAll(/^::add-mask::.*$/gm, '') + result.summary).not.toContain(secret)
    }
  })

  it('only warn, and soon, where one receiver hangs and the other one is broken', async () => {
    receiver.answer(`/ping/${KEY}/`, 'hang')
    receiver.answer('/hooks', { status: 500, body: 'out of order: sig=0123456789abcdef' })
    const result = await runAction(list())
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { backups: expect.stringContaining('20261122T021500Z-1a2b3c') },
    })
    expect(result.log).toMatch(
      /::warning::The notification of heartbeat-url failed: it did not answer in time/,
    )
    expect(result.log).toMatch(
      /::warning::.*notify-webhook failed: it answers 500: out of order: sig=\*\*\* \(\d attempts\)/,
    )
    const attempts = Number(/\((\d) attempts\)/.exec(result.log)?.[1])
    expect(attempts).toBeGreaterThan(1)
    expect(receiver.received.filter(({ path }) => path.startsWith('/hooks'))).toHaveLength(attempts)
  })

  it('follow a redirect to the same host only', async () => {
    const elsewhere = { status: 308, headers: { location: `${other.origin}/caught` } }
    receiver.answer('/hooks', elsewhere)
    receiver.answer('/ping', { status: 308, headers: { location: '/moved/start' } })
    const result = await runAction(list())
    expect(result.exitCode).toBe(0)
    expect(other.received).toEqual([])
    expect(result.log).toMatch(/notify-webhook failed: it answers with a redirect \(308\) to another place/)
    expect(receiver.received.map(({ path }) => path).filter((path) => path === '/moved/start')).toHaveLength(
      2,
    )
    expect(result.log).not.toContain('caught')
  })

  it('are as patient as an overloaded receiver asks for', async () => {
    receiver.answer('/hooks', { status: 429, headers: { 'retry-after': '2' } }, { status: 204 })
    const result = await runAction(list())
    expect(result.exitCode).toBe(0)
    expect(result.log).not.toContain('::warning::')
    expect(receiver.received.filter(({ path }) => path.startsWith('/hooks'))).toHaveLength(2)
  })

  it('speak to people only when there is something to say, and in their form', async () => {
    const quiet = list({ 'notify-webhook': `${receiver.origin}${SLACK}` })
    expect((await runAction(quiet)).exitCode).toBe(0)
    expect(receiver.received.filter(({ path }) => path === SLACK)).toEqual([])
    expect((await runAction({ ...quiet, inputs: { ...quiet.inputs, bucket: 'file://x' } })).exitCode).toBe(1)
    const [message] = receiver.received.filter(({ path }) => path === SLACK)
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      text: '❌ Lifeboat: list FAILED in acme/shop',
      blocks: expect.arrayContaining([expect.objectContaining({ type: 'section' })]) as unknown,
    })
    expect(message?.body).not.toContain('<!channel>')
  })

  it('tell of a cancelled run without waiting for one that hangs', async () => {
    receiver.answer(`/ping/${KEY}/fail`, 'hang')
    const connected = once(silent, 'connection')
    await using action = await startAction(waiting({}))
    await Promise.all([receiver.hears(`/ping/${KEY}/start`), connected])
    const since = performance.now()
    action.kill('SIGINT')
    expect(await action.finished()).toMatchObject({ exitCode: 1 })
    // A receiver that hangs has 20 s otherwise.
    expect(performance.now() - since).toBeLessThan(18_000)
    expect(hook()).toMatchObject({ result: 'cancelled', command: 'backup' })
    expect(paths().at(-1)).toBe(`/ping/${KEY}/fail?rid=7`)
  })

  it('are made up for by the post step where the step was killed, and only there', async () => {
    await using action = await startAction(waiting({}))
    await receiver.hears(`/ping/${KEY}/start`)
    action.kill('SIGKILL')
    await action.finished()
    const post = await action.post(RUN)
    expect(post.exitCode).toBe(0)
    expect(hook()).toMatchObject({
      result: 'cancelled',
      failure: { message: 'The step was killed before its end.' },
    })
    receiver.reset()
    await using whole = await startAction(list())
    await whole.finished()
    const before = receiver.received.length
    await whole.post(RUN)
    expect(receiver.received).toHaveLength(before)
  })

  it('refuse an address that whoever is between could read, and are masked as secrets', async () => {
    const result = await runAction(list({ 'notify-webhook': 'http://example.com/hooks/secret-0123456789' }))
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/notify-webhook: is not encrypted \(http\)/)
    expect(result.log).toContain('::add-mask::http://example.com/hooks/secret-0123456789')
    expect(paths()).toEqual([`/ping/${KEY}/fail?rid=7`])
  })
})
