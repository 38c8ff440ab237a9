import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { LifecycleStore } from '../../src/storage/lifecycle-store.ts'
import type { PrunableStore } from '../../src/storage/prunable-store.ts'
import { pattern } from '../support/bodies.ts'

export interface PrunableFixture extends AsyncDisposable {
  open(): Promise<PrunableStore & LifecycleStore>
  /** Begins a write as a process that is then killed would. */
  abandon(key: string): Promise<void>
}

/** What holds for every `PrunableStore`, beside what holds for every `ObjectStore`. */
export function describePrunableStore(name: string, start: () => Promise<PrunableFixture>): void {
  describe(`A store to prune in ${name}`, () => {
    let fixture: PrunableFixture
    let store: PrunableStore & LifecycleStore
    const signal = new AbortController().signal
    const write = (key: string) => store.write(key, () => pattern(10), { expectedBytes: 10, signal })
    const keys = async (prefix: string): Promise<string[]> => {
      const found: string[] = []
      for await (const { key } of store.list(prefix)) found.push(key)
      return found
    }

    beforeAll(async () => {
      fixture = await start()
      store = await fixture.open()
    })
    afterAll(async () => {
      store.close()
      await fixture[Symbol.asyncDispose]()
    })

    it('removes what it is told to, and says so of each key in order', async () => {
      for (const key of ['some/a', 'some/b', 'some/c', 'some/a%2Fb']) await write(key)
      const removed = await store.remove(['some/c', 'some/a%2Fb', 'some/never'], signal)
      expect(removed).toEqual(
        ['some/c', 'some/a%2Fb', 'some/never'].map((key) => ({ key, outcome: 'removed' })),
      )
      expect(await keys('some/')).toEqual(['some/a', 'some/b'])
      expect(await store.remove([], signal)).toEqual([])
    })

    it('removes more than a batch holds', async () => {
      const many = Array.from({ length: 2_005 }, (_, index) => `many/${index}`)
      await write('many/0')
      await write('many/2004')
      await write('many_too/0')
      const removed = await store.remove(many, signal)
      expect(removed.map(({ key }) => key)).toEqual(many)
      expect(removed.every(({ outcome }) => outcome === 'removed')).toBe(true)
      expect(await keys('many')).toEqual(['many_too/0'])
    })

    it('removes nothing once it was cancelled', async () => {
      await write('cancelled/a')
      await expect(store.remove(['cancelled/a'], AbortSignal.abort())).rejects.toMatchObject({
        code: 'cancelled',
      })
      expect(await keys('cancelled/')).toEqual(['cancelled/a'])
    })

    it('lets a key be written again that was removed', async () => {
      await write('again/a')
      await store.remove(['again/a'], signal)
      await write('again/a')
      expect(await keys('again/')).toEqual(['again/a'])
    })

    it('tells when something last happened in an unfinished write, and that one is gone', async () => {
      await fixture.abandon('dead/a')
      for await (const upload of store.uploads('dead/')) {
        const activity = await store.lastActivity(upload)
        expect(Math.abs((activity?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000)
        await store.abortUpload(upload)
        expect(await store.lastActivity(upload)).toBeUndefined()
      }
      expect.assertions(2)
    })

    it("knows that its clock is this machine's", async () => {
      const begun = Date.now()
      const skew = await store.clockSkewMs()
      expect(Math.abs(skew ?? Number.NaN)).toBeLessThan(2_000 + Date.now() - begun)
      expect(await keys('clock')).toEqual([])
    })

    it('never says of a bucket without versions that it has them', async () => {
      expect(await store.versioning()).toBe('unsupported')
    })

    it('lists and removes the only version that there is', async () => {
      await write('versions/a')
      const found = []
      for await (const version of store.versions('versions/')) found.push(version)
      expect(found).toEqual([{ key: 'versions/a', versionId: 'null', size: 10 }])
      expect(await store.removeVersions(found, signal)).toEqual([{ key: 'versions/a', outcome: 'removed' }])
      expect(await keys('versions/')).toEqual([])
    })
  })
}
