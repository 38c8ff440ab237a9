import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyPair } from '../support/backup-step.ts'
import { hoursAgo, putBackup } from '../support/prune-step.ts'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { runAct, type ActOptions, type ActResult } from './support/act.ts'
import { jobOf, results } from './support/results.ts'
import { gitRepository, type GitRepository } from './support/git-repository.ts'
import { openSearch, type Search } from './support/search.ts'
import { openShop, type Shop } from './support/shop.ts'

const WORKFLOW = '.github/workflows/db-backup.yml'
const DAYS = 24
const NIGHT = { backup: 'success', verify: 'success', prune: 'success', check: 'success' }

describe('db-backup.yml', () => {
  let shop: Shop
  let repository: GitRepository
  let search: Search
  let receiver: Receiver

  beforeAll(async () => {
    shop = await openShop()
    search = await openSearch()
    receiver = await startReceiver()
    repository = await gitRepository({ copies: { [WORKFLOW]: WORKFLOW } })
  })
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]()
    await search[Symbol.asyncDispose]()
    await repository[Symbol.asyncDispose]()
    await shop[Symbol.asyncDispose]()
  })

  const run = async (options: Partial<ActOptions> = {}): Promise<ActResult> => {
    const { elsewhere, settings } = shop
    const result = await runAct({
      event: 'schedule',
      payload: { schedule: '15 2 * * *' },
      repository: repository.folder,
      workflow: WORKFLOW,
      elsewhere,
      ...options,
      secrets: { ...settings.secrets, ...options.secrets },
      vars: { ...settings.vars, ...options.vars },
    })
    expect(shop.secretsIn(result)).toEqual([])
    return result
  }
  const byHand = (inputs: Readonly<Record<string, string>>): Promise<ActResult> =>
    run({ event: 'workflow_dispatch', payload: {}, inputs })
  /** Without the records that runs leave of themselves. */
  const everyKey = async (): Promise<string[]> =>
    (await shop.store.view.keys()).filter((key) => !key.includes('/_lifeboat/audit/'))

  it('backs up, proves, prunes and checks in the first night, and keeps what there is in the second', async () => {
    const first = await run({ secrets: { HEARTBEAT_URL: `${receiver.origin}/ping` } })
    expect(results(first)).toEqual(NIGHT)
    // One sign of life for all of it.
    expect(receiver.received.map(({ path }) => path)).toEqual(['/ping/start', '/ping'])
    expect(first.jobs.map(({ id }) => id)).toEqual(['backup', 'verify', 'prune', 'check'])
    expect(first.exitCode).toBe(0)
    expect(first.log).toMatch(/is VERIFIED/)
    expect(jobOf(first, 'verify').outputs).toMatchObject({ verdict: 'ok' })
    const [only = ''] = await shop.backups()
    expect(await shop.verdicts(only)).toEqual(['ok'])

    const second = await run()
    expect(second.exitCode).toBe(0)
    expect(jobOf(second, 'prune').outputs).toMatchObject({ kept: '2', removed: '0' })
    const folders = await shop.backups()
    expect(folders).toHaveLength(2)
    expect(folders[0]).toBe(only)
    // The one that was just made, by its id.
    expect(folders[1]).toContain(jobOf(second, 'backup').outputs['backup-id'])
    expect(await shop.verdicts(folders[1] ?? '')).toEqual(['ok'])
  })

  it('verifies alone when asked to by hand, the newest or the one that is named', async () => {
    const [oldest = '', newest = ''] = await shop.backups()
    const latest = await byHand({ command: 'restore-verify' })
    expect(results(latest)).toEqual({ verify: 'success' })
    expect(await shop.verdicts(newest)).toEqual(['ok', 'ok'])

    const id = oldest.split('/').at(-2) ?? ''
    const named = await byHand({ command: 'restore-verify', 'backup-id': id })
    expect(results(named)).toEqual({ verify: 'success' })
    expect(jobOf(named, 'verify').outputs).toMatchObject({ 'backup-id': id })
    expect(await shop.verdicts(oldest)).toEqual(['ok', 'ok'])
  })

  it('backs up alone, lists alone and checks alone, when asked to by hand', async () => {
    const backup = await byHand({ command: 'backup' })
    expect(results(backup)).toEqual({ backup: 'success' })
    expect(await shop.backups()).toHaveLength(3)
    const list = await byHand({ command: 'list' })
    expect(results(list)).toEqual({ list: 'success' })
    expect(JSON.parse(jobOf(list, 'list').outputs['backups'] ?? '')).toHaveLength(3)
    const check = await byHand({ command: 'check' })
    expect(results(check)).toEqual({ check: 'success' })
    expect(jobOf(check, 'check').outputs).toMatchObject({ healthy: 'true' })
  })

  it('looks what is wrong when asked to by hand', async () => {
    const doctor = await byHand({ command: 'doctor' })
    const { outputs, summary } = jobOf(doctor, 'doctor')
    const wrong = (JSON.parse(outputs['findings'] ?? '') as { result: string; check: string }[]).filter(
      ({ result }) => result === 'failed',
    )
    expect(wrong.map(({ check }) => check)).toEqual([])
    expect(results(doctor)).toEqual({ doctor: 'success' })
    expect(summary).toMatch(/prune after backup \| ✅ passed/)
  })

  it('backs search up, has another server take it, prunes and checks, alone when asked to by hand', async () => {
    const { vars, secrets } = search
    const result = await run({
      event: 'workflow_dispatch',
      payload: {},
      inputs: { command: 'search' },
      vars,
      secrets,
    })
    expect({ ...results(result), log: result.log }).toMatchObject({ search: 'success' })
    expect(Object.values(jobOf(result, 'search').steps)).toEqual(['success', 'success', 'success', 'success'])
    const [folder = '', ...more] = await shop.backups('meili/')
    expect(more).toEqual([])
    expect(await shop.verdicts(folder)).toEqual(['ok'])
    expect(await search.scratch.client.indexes()).toEqual([])
    // Without a server the backup is asked for one, not skipped.
    const none = await byHand({ command: 'search' })
    expect(results(none)).toEqual({ search: 'failure' })
    expect(none.log).toMatch(/meili-host: is missing or empty/)
  })

  it('ends NOT VERIFIED and green without a drill key, and the rest goes on', async () => {
    const result = await run({ secrets: { AGE_IDENTITY: '' } })
    expect(results(result)).toEqual(NIGHT)
    expect(result.exitCode).toBe(0)
    expect(jobOf(result, 'verify').summary).toMatch(/NOT VERIFIED/)
    expect(await shop.verdicts((await shop.backups()).at(-1) ?? '')).toEqual(['partial'])
  })

  it('proves, prunes and checks the database where search cannot be backed up, and is red', async () => {
    const result = await run({ secrets: { MEILI_API_KEY: 'not-the-key' }, vars: search.vars })
    expect(results(result)).toEqual({ ...NIGHT, search: 'failure' })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/refuses the key/)
  })

  it('copies to the second store on Sundays, where there is one, and does nothing else then', async () => {
    const replica = await mkdtemp(join(tmpdir(), 'lifeboat-replica-'))
    try {
      const sunday = { payload: { schedule: '45 5 * * 0' } }
      expect(results(await run(sunday))).toEqual({})
      const backups = await shop.backups()
      expect(backups.length).toBeGreaterThan(1)
      const copied = await run({ ...sunday, vars: { BACKUP_REPLICA: `file://${replica}` } })
      expect(results(copied)).toEqual({ replicate: 'success' })
      expect(await shop.backups()).toEqual(backups)
      for (const folder of backups) {
        const manifest = await readFile(join(replica, folder, 'manifest.json'))
        expect(manifest.equals(await shop.store.view.get(`${folder}manifest.json`))).toBe(true)
      }
      // By hand the missing variable is an error, not silence.
      const without = await byHand({ command: 'replicate' })
      expect(results(without)).toEqual({ replicate: 'failure' })
      expect(without.log).toMatch(/replica: is missing/)
    } finally {
      await rm(replica, { recursive: true, force: true })
    }
  })

  describe('with backups that the policy does not keep', () => {
    beforeAll(async () => {
      // Verified and young enough for the guards; the last two are older than thirty days.
      for (const days of [1, 2, 3, 4, 40, 41]) {
        await putBackup(shop.store.view, 'db/', {
          name: 'old',
          time: hoursAgo(days * DAYS),
          verdicts: ['ok'],
          number: days,
        })
      }
    })

    it('is red after a failed backup, and neither verifies nor removes anything', async () => {
      const before = await everyKey()
      const url = shop.server.url('shop', { user: 'postgres', password: 'not-the-password' })
      receiver.reset()
      const secrets = {
        DATABASE_URL: url,
        HEARTBEAT_URL: `${receiver.origin}/ping`,
        NOTIFY_WEBHOOK: `${receiver.origin}/hook`,
      }
      const result = await run({ secrets })
      expect(results(result)).toEqual({ backup: 'failure' })
      expect(result.exitCode).toBe(1)
      expect(result.log).toMatch(/password authentication failed/)
      expect(await everyKey()).toEqual(before)
      expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
      expect(receiver.received[0]?.body).toContain('backup FAILED')
    })

    it('is red after a failed verification, and removes nothing; search, which cannot be proved, stands apart', async () => {
      const secrets = { ...search.secrets, AGE_IDENTITY: (await keyPair()).identity }
      const result = await run({ secrets, vars: search.vars })
      expect(results(result)).toEqual({ backup: 'success', verify: 'failure', search: 'failure' })
      expect(result.exitCode).toBe(1)
      expect(await shop.backups('db/old/')).toHaveLength(6)
    })

    it('only tells with dry-run what prune would remove, then removes it, each alone', async () => {
      const before = await everyKey()
      const dry = await byHand({ command: 'prune', 'dry-run': 'true' })
      expect(results(dry)).toEqual({ prune: 'success' })
      expect(jobOf(dry, 'prune').outputs).toMatchObject({ removed: '2' })
      expect(await everyKey()).toEqual(before)

      const real = await byHand({ command: 'prune' })
      expect(results(real)).toEqual({ prune: 'success' })
      expect(await shop.backups('db/old/')).toHaveLength(4)
    })
  })

  it('runs nothing where LIFEBOAT_OFF is true, and everything where it is anything else', async () => {
    const before = await everyKey()
    const off = await run({ vars: { LIFEBOAT_OFF: 'true' } })
    expect(results(off)).toEqual({})
    expect(off.exitCode).toBe(0)
    expect(await everyKey()).toEqual(before)
    const inputs = { command: 'list' }
    const on = { event: 'workflow_dispatch', payload: {}, inputs, vars: { LIFEBOAT_OFF: 'false' } } as const
    expect(results(await run(on))).toEqual({ list: 'success' })
  })
})
