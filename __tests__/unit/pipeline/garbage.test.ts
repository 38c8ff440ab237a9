import { describe, expect, it } from '@jest/globals'
import { youngGarbage } from '../../../src/pipeline/garbage.ts'

const CHUNK = 64 * 1024

describe('young garbage', () => {
  it('keeps the memory of buffers that nobody holds any more at a few megabytes', () => {
    const cameIn = youngGarbage()
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    for (let number = 0; number < 3_200; number += 1) {
      cameIn(Buffer.allocUnsafeSlow(CHUNK).length)
      most = Math.max(most, process.memoryUsage().arrayBuffers - before)
    }
    expect(most).toBeLessThan(8 * 1024 * 1024)
  })

  it('shows the collector to nobody else', () => {
    youngGarbage()
    expect(Reflect.get(globalThis, 'gc')).toBeUndefined()
  })
})
