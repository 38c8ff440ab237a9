import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { restoreAgain } from '../../../src/postgres/restore-again.ts'
import type { EntriesRestored } from '../../../src/postgres/run-pg-restore.ts'
import type { TocEntry } from '../../../src/postgres/table-of-contents.ts'
import { recordingLog } from '../../support/recording-log.ts'

const table = (id: number, kind = 'TABLE DATA', copies = true): TocEntry => {
  const base = { id, kind, name: `t${id}`, schema: 'public', section: 'data' } as const
  return { ...base, owner: '', definition: '', needs: [], copies }
}

/** A server where each table takes rows only once all of `looksAt` have theirs, and that never takes rows twice. */
class Tables {
  readonly full = new Map<number, number>()
  readonly tried: number[][] = []
  readonly #looksAt: ReadonlyMap<number, readonly number[]>

  constructor(looksAt: ReadonlyMap<number, readonly number[]>) {
    this.#looksAt = looksAt
  }

  restore(entries: readonly TocEntry[]): EntriesRestored {
    this.tried.push(entries.map(({ id }) => id))
    const failing = entries.filter(({ id }) => {
      const isReady = (this.#looksAt.get(id) ?? []).every((each) => each === id || this.full.has(each))
      if (isReady) this.full.set(id, (this.full.get(id) ?? 0) + 1)
      return !isReady
    })
    return {
      complaints: failing.map((entry) => ({ entry, message: 'not yet', command: '', kind: 'other' })),
      failed: new Set(failing.map(({ id }) => id)),
    }
  }
}

describe('what failed for want of order', () => {
  const bring = async (
    entries: readonly TocEntry[],
    looksAt: ReadonlyMap<number, readonly number[]>,
  ): Promise<{ tables: Tables; result: EntriesRestored }> => {
    const tables = new Tables(looksAt)
    const again = async (lost: readonly TocEntry[]): Promise<EntriesRestored> =>
      await Promise.resolve(tables.restore(lost))
    const result = await restoreAgain(
      tables.restore(entries),
      entries,
      { rows: again, keys: again },
      recordingLog(),
    )
    return { tables, result }
  }

  it('comes in the end wherever some order brings it, each once, and nothing else is tried for ever', async () => {
    const COUNT = 8
    const looks = fc.array(fc.array(fc.nat(COUNT - 1), { maxLength: 2 }), {
      minLength: COUNT,
      maxLength: COUNT,
    })
    await fc.assert(
      fc.asyncProperty(looks, async (all) => {
        const looksAt = new Map(all.map((each, id) => [id, each]))
        const { tables, result } = await bring(
          all.map((_, id) => table(id)),
          looksAt,
        )
        const reachable = new Set<number>()
        for (let before = -1; before < reachable.size;) {
          before = reachable.size
          for (const [id, each] of looksAt)
            if (each.every((other) => other === id || reachable.has(other))) reachable.add(id)
        }
        expect(new Set(tables.full.keys())).toEqual(reachable)
        expect([...tables.full.values()].every((times) => times === 1)).toBe(true)
        expect(result.failed.size).toBe(COUNT - reachable.size)
        expect(result.complaints).toHaveLength(COUNT - reachable.size)
        expect(tables.tried.length).toBeLessThanOrEqual(COUNT + 1)
      }),
    )
  })

  it('is not tried again where a part of the rows may be there', async () => {
    const { tables, result } = await bring([table(1, 'TABLE DATA', false), table(2)], new Map([[1, [2]]]))
    expect(tables.tried).toEqual([[1, 2]])
    expect([...result.failed]).toEqual([1])
  })

  it('is also an index over what came later, with its comment', async () => {
    const index = { ...table(3, 'INDEX', false), section: 'post-data' as const }
    const comment = { ...table(4, 'COMMENT', false), needs: [3] }
    const { tables, result } = await bring(
      [index, comment, table(1)],
      new Map([
        [3, [1]],
        [4, [3]],
      ]),
    )
    expect(tables.tried.at(-1)).toEqual([3, 4])
    expect(result).toEqual({ complaints: [], failed: new Set() })
  })
})
