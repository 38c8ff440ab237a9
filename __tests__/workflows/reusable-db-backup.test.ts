import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startReceiver, type Receiver } from '../support/receiver.ts'
import { runAct, type ActResult } from './support/act.ts'
import { gitRepository } from './support/git-repository.ts'
import { results } from './support/results.ts'
import { openSearch, type Search } from './support/search.ts'
import { openShop, type Shop } from './support/shop.ts'

const CALLER = 'examples/several-databases.yml'
const WORKFLOW = '.github/workflows/backups.yml'

describe('reusable-db-backup.yml, called by examples/several-databases.yml of another repository', () => {
  let shop: Shop
  let search: Search
  let receiver: Receiver

  beforeAll(async () => {
    shop = await openShop({ databases: ['shop', 'crm'] })
    search = await openSearch()
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]()
    await search[Symbol.asyncDispose]()
    await shop[Symbol.asyncDispose]()
  })

  const call = async (
    edit?: (text: string) => string,
    more: Partial<Record<'secrets' | 'vars', Readonly<Record<string, string>>>> = {},
  ): Promise<ActResult> => {
    await using repository = await gitRepository({ copies: { [WORKFLOW]: CALLER }, ...(edit && { edit }) })
    const result = await runAct({
      event: 'schedule',
      repository: repository.folder,
      workflow: WORKFLOW,
      elsewhere: shop.elsewhere,
      secrets: { ...shop.settings.secrets, ...more.secrets, HEARTBEAT_URL: `${receiver.origin}/ping` },
      vars: { ...shop.settings.vars, ...more.vars },
    })
    expect(shop.secretsIn(result)).toEqual([])
    return result
  }

  it('backs up, proves and prunes every database and search, and gathers what all of them made', async () => {
    const { vars, secrets } = search
    const result = await call(undefined, { vars, secrets })
    const every = ['backup', 'verify', 'prune', 'check'].flatMap((id) => [`${id} (shop)`, `${id} (crm)`])
    const green = Object.fromEntries([...every, 'search', 'gather', 'tell'].map((name) => [name, 'success']))
    expect(results(result)).toEqual(green)
    expect(result.exitCode).toBe(0)
    const [searched = ''] = await shop.backups('meili/')
    expect(await shop.verdicts(searched)).toEqual(['ok'])
    // Once for all of them.
    expect(receiver.received.map(({ path }) => path)).toEqual(['/ping/start', '/ping'])
    receiver.reset()
    for (const database of ['shop', 'crm']) {
      const [folder = '', ...more] = await shop.backups(`db/${database}/`)
      expect(more).toEqual([])
      expect(await shop.verdicts(folder)).toEqual(['ok'])
      // The caller's own job has it from the outputs.
      expect(result.log).toContain(`${database} ${folder.split('/').at(-2) ?? ''} ok`)
    }
  })

  it('proves the other databases where one cannot be backed up, removes nothing, and is red', async () => {
    const before = await shop.backups('db/crm/')
    const result = await call((text) => text.replace('["shop", "crm"]', '["crm", "gone"]'))
    expect(results(result)).toEqual({
      'backup (crm)': 'success',
      'backup (gone)': 'failure',
      'verify (crm)': 'success',
      'verify (gone)': 'failure',
      gather: 'success',
    })
    expect(result.exitCode).toBe(1)
    expect(result.log).toMatch(/database "gone" does not exist/)
    const after = await shop.backups('db/crm/')
    expect(after).toHaveLength(before.length + 1)
    expect(await shop.verdicts(after.at(-1) ?? '')).toEqual(['ok'])
    // No sign of life: whoever waits for one raises the alarm.
    expect(receiver.received).toEqual([])
  })
})
