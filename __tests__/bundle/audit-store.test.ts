import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { parseAuditKey } from '../../src/catalog/audit.ts'
import { COMMANDS } from '../../src/inputs.ts'
import { runAction, startAction, type ActionOptions } from '../support/action-runner.ts'
import { BucketView } from '../support/bucket-view.ts'
import { makeBackup } from '../support/committed-backup.ts'
import { listen } from '../support/listen.ts'
import { hoursAgo } from '../support/prune-step.ts'
import { startRadosgw, type Radosgw } from '../support/radosgw.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'

const COPIES = 'copies'
const NOWHERE = 'postgresql://u:password1@127.0.0.1:1/shop'

interface Told {
  readonly command: string
  readonly result: string
}

/** Every command, each told of and most recorded, in a store that is no directory. */
describe('Every command', () => {
  let store: Radosgw
  let receiver: Receiver
  /** A database that accepts the connection and says nothing. */
  let silent: Server
  let silentUrl: string
  let number = 0
  let prefix = ''

  beforeAll(async () => {
    ;[store, receiver] = await Promise.all([startRadosgw(), startReceiver()])
    await store.client.send(new CreateBucketCommand({ Bucket: COPIES }))
    silent = createServer(() => undefined)
    silentUrl = `postgresql://u:password1@127.0.0.1:${await listen(silent)}/shop?sslmode=disable`
  })
  beforeEach(() => {
    receiver.reset()
    prefix = `db${(number += 1)}/`
  })
  afterAll(async () => {
    silent.close()
    await receiver[Symbol.asyncDispose]()
    await store[Symbol.asyncDispose]()
  })

  const step = (command: string, inputs: Readonly<Record<string, string>> = {}): ActionOptions => ({
    inputs: {
      command,
      bucket: store.bucket,
      endpoint: store.endpoint,
      region: store.region,
      prefix,
      'heartbeat-url': `${receiver.origin}/ping`,
      'notify-webhook': `${receiver.origin}/hook`,
      ...inputs,
    },
    env: {
      R2_ACCESS_KEY_ID: store.accessKeyId,
      R2_SECRET_ACCESS_KEY: store.secretAccessKey,
      REPLICA_ACCESS_KEY_ID: store.accessKeyId,
      REPLICA_SECRET_ACCESS_KEY: store.secretAccessKey,
      GITHUB_ACTOR: 'octocat',
    },
  })
  const waiting = (): ActionOptions => step('backup', { 'age-recipients': 'none', 'database-url': silentUrl })
  async function recorded(view = store.view): Promise<(Told & { readonly key: string })[]> {
    return (await view.keys(`${prefix}_lifeboat/audit/`)).map((key) => {
      const entry = parseAuditKey(prefix, key)
      if (!entry) throw new Error(`${key} is no record`)
      return entry
    })
  }
  const told = (): Told[] =>
    receiver.received.flatMap(({ path, body }) => (path === '/hook' ? [JSON.parse(body) as Told] : []))
  const pinged = (): string[] =>
    receiver.received.flatMap(({ path }) => (path.startsWith('/ping') ? [path] : []))

  it('is told of, and recorded where it changes something, failed or not', async () => {
    await makeBackup((key, content) => store.view.put(key, content), { prefix, time: hoursAgo(5) })
    const runs: readonly (readonly [Told, Readonly<Record<string, string>>])[] = [
      [{ command: 'lifecycle', result: 'success' }, {}],
      [{ command: 'prune', result: 'success' }, { keep: 'last=2' }],
      [
        { command: 'replicate', result: 'success' },
        { replica: `s3://${COPIES}/${prefix}?endpoint=${store.endpoint}` },
      ],
      [
        { command: 'restore', result: 'failure' },
        { 'target-database-url': NOWHERE, confirm: 'shop' },
      ],
      [{ command: 'restore-verify', result: 'failure' }, {}],
      [{ command: 'drill', result: 'failure' }, {}],
      [
        { command: 'reindex', result: 'failure' },
        { reindex: 'none.yml', 'database-url': NOWHERE, 'target-meili-host': 'http://127.0.0.1:1' },
      ],
      [
        { command: 'backup', result: 'failure' },
        { 'age-recipients': 'none', 'database-url': NOWHERE },
      ],
      // These change nothing.
      [{ command: 'list', result: 'success' }, {}],
      [{ command: 'check', result: 'failure' }, { targets: 'rpo=1h' }],
      [
        { command: 'doctor', result: 'failure' },
        { 'database-url': NOWHERE, 'age-recipients': 'none' },
      ],
    ]
    expect(runs.map(([{ command }]) => command).sort()).toEqual([...COMMANDS].sort())
    for (const [expected, inputs] of runs) {
      receiver.reset()
      const { exitCode } = await runAction(step(expected.command, inputs))
      expect([expected.command, exitCode]).toEqual([expected.command, expected.result === 'success' ? 0 : 1])
      expect(told()).toEqual([expect.objectContaining(expected)])
      expect(pinged()).toEqual(['/ping/start', expected.result === 'success' ? '/ping' : '/ping/fail'])
    }
    const changing = runs.slice(0, -3).map(([expected]) => expect.objectContaining(expected) as unknown)
    const records = await recorded()
    expect(records).toHaveLength(changing.length)
    expect(records).toEqual(expect.arrayContaining(changing))
    const backup = records.find(({ command }) => command === 'backup')
    const content = JSON.parse((await store.view.get(backup?.key ?? '')).toString()) as object
    expect(content).toMatchObject({ error: 'connection', run: { actor: 'octocat' } })
    expect(JSON.stringify(content)).not.toContain('password1')
    // The trail of a replica belongs to who works on it.
    expect(await recorded(new BucketView(store.client, COPIES))).toEqual([])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves its record when it is cancelled by %s', async (signal) => {
    const connected = once(silent, 'connection')
    await using action = await startAction(waiting())
    await Promise.all([receiver.hears('/ping/start'), connected])
    action.kill(signal)
    await action.finished()
    const [record, ...more] = await recorded()
    expect(record).toMatchObject({ command: 'backup', result: 'cancelled' })
    // The post step, which runs after every end, adds none.
    expect((await action.post()).exitCode).toBe(0)
    expect(more).toEqual([])
    expect(await recorded()).toHaveLength(1)
    expect(told()).toHaveLength(1)
  })

  it('leaves its record by the post step when it is killed, and only one', async () => {
    await using action = await startAction(waiting())
    await receiver.hears('/ping/start')
    action.kill('SIGKILL')
    await action.finished()
    expect(await recorded()).toEqual([])
    const env = waiting().env ?? {}
    expect((await action.post(env)).exitCode).toBe(0)
    const [record, ...more] = await recorded()
    expect(record).toMatchObject({ command: 'backup', result: 'cancelled' })
    expect(more).toEqual([])
    expect(JSON.parse((await store.view.get(record?.key ?? '')).toString())).toMatchObject({
      error: 'cancelled',
      started: expect.stringMatching(/Z$/) as unknown,
      figures: {},
    })
    expect(told()).toMatchObject([{ command: 'backup', result: 'cancelled' }])
    // As if it had been killed after the record and before everybody was told.
    await action.post({ ...env, STATE_audited: 'true' })
    expect(await recorded()).toHaveLength(1)
  })
})
