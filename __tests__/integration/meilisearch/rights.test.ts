import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { KEY_ACTIONS, RIGHTS, type Use } from '../../../src/meilisearch/rights.ts'
import { assertRights, tryRights } from '../../../src/meilisearch/try-rights.ts'
import { clientOf, meilisearchTarget, type MeilisearchTarget } from '../../support/meilisearch-target.ts'

const USES = Object.keys(RIGHTS) as Use[]
/** Nothing shows them but doing it. */
const UNTRIED = ['dumps.create', 'indexes.create']

describe('the rights of a key', () => {
  let live: MeilisearchTarget
  beforeAll(async () => {
    live = await meilisearchTarget()
    await live.done(live.client.createIndex('products', 'id'))
  })
  afterEach(async () => {
    for (const { uid, name } of await live.client.keys()) {
      if (name?.startsWith('Default ') !== true) await live.ask('DELETE', `/keys/${uid}`)
    }
  })
  afterAll(async () => {
    await live[Symbol.asyncDispose]()
  })
  const clientWith = async (actions: readonly string[]) => {
    const made = await live.ask('POST', '/keys', { actions, indexes: ['*'], expiresAt: null })
    return clientOf(live.url, (JSON.parse(made) as { key: string }).key)
  }

  it.each(USES)(
    'that the documentation names are enough for %s, and no task comes of the look',
    async (use) => {
      const before = await live.client.tasks('limit=1')
      const tried = await tryRights(await clientWith(KEY_ACTIONS[use]), use)
      expect(tried).toMatchObject({ lacking: [], broken: [] })
      expect([...tried.granted, ...tried.untried].sort()).toEqual([...RIGHTS[use]].sort())
      expect(tried.untried.every((right) => UNTRIED.includes(right))).toBe(true)
      expect((await live.client.tasks('limit=1')).results[0]?.uid).toBe(before.results[0]?.uid)
    },
  )

  it.each(USES.flatMap((use) => RIGHTS[use].map((right) => [use, right] as const)))(
    'for %s are looked at before anything is done: %s',
    async (use, right) => {
      const client = await clientWith(RIGHTS[use].filter((each) => each !== right))
      const { lacking, untried } = await tryRights(client, use)
      expect(lacking).toEqual(untried.includes(right) ? [] : [right])
    },
  )

  it('are all named that lack, with what a sufficient key has', async () => {
    const client = await clientWith([
      'version',
      'indexes.*',
      'settings.update',
      'documents.add',
      'stats.get',
      'tasks.get',
      'tasks.cancel',
    ])
    await expect(assertRights(client, 'restore')).rejects.toMatchObject({
      code: 'privilege',
      message: `The key for Meilisearch at ${live.url} lacks settings.get, documents.get; nothing was changed.`,
      hint: expect.stringContaining('indexes.*, settings.update, documents.add, settings.get, documents.get'),
    })
    await expect(assertRights(client, 'reindex')).resolves.toBeUndefined()
    await expect(assertRights(live.client, 'restore')).resolves.toBeUndefined()
  })
})
