import { describe, expect, it } from '@jest/globals'
import { sideBySide } from '../../../src/commands/side-by-side.ts'

describe('Working side by side', () => {
  it('gives the results in the order of the items, whichever ends first', async () => {
    const turns = [3, 1, 2, 0]
    const result = await sideBySide(turns, 2, async (count) => {
      for (let turn = 0; turn < count; turn++) await Promise.resolve()
      return count * 10
    })
    expect(result).toEqual([30, 10, 20, 0])
    expect(await sideBySide([], 2, () => Promise.resolve(1))).toEqual([])
  })

  it('never has more at work than it may', async () => {
    let working = 0
    let most = 0
    await sideBySide([1, 2, 3, 4, 5, 6, 7], 3, async () => {
      working += 1
      most = Math.max(most, working)
      await new Promise((resolve) => setImmediate(resolve))
      working -= 1
    })
    expect(most).toBe(3)
  })

  it('begins nothing more after a failure, and waits for what was begun', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const work = async (item: number): Promise<void> => {
      begun.push(item)
      await new Promise((resolve) => setImmediate(resolve))
      if (item === 1) throw new Error('the first')
      await new Promise((resolve) => setImmediate(resolve))
      ended.push(item)
    }
    await expect(sideBySide([1, 2, 3, 4], 2, work)).rejects.toThrow('the first')
    expect(begun).toEqual([1, 2])
    expect(ended).toEqual([2])
  })
})
