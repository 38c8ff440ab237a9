import { describe, expect, it } from '@jest/globals'
import { countedUpload } from '../support/counted-upload.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3
/**
 * Far below the object, far above what is measured: how much is the benchmark's business, for a busy machine collects
 * its garbage late. Here it is only shown that nobody keeps the object.
 */
const NOT_THE_OBJECT = 450e6

describe('An upload', () => {
  it('has equal parts of 8 MiB, and does not keep them', async () => {
    const { object, peakRss } = await countedUpload({ bytes: 3 * GIB, expectedBytes: 4 * GIB })
    expect(object?.parts).toEqual(Array.from({ length: 384 }, () => 8 * MIB))
    expect(peakRss).toBeLessThan(NOT_THE_OBJECT)
  })

  it('has parts of 64 MiB for a database of 150 GB, and does not keep them', async () => {
    const { object, peakRss } = await countedUpload({ bytes: 1.5 * GIB + 1, expectedBytes: 600e9 })
    expect(object?.parts).toEqual([...Array.from({ length: 24 }, () => 64 * MIB), 1])
    expect(peakRss).toBeLessThan(NOT_THE_OBJECT)
  })
})

describe('An object that outgrows its estimate', () => {
  it('begins anew with parts eight times larger', async () => {
    const { object, aborted } = await countedUpload({
      bytes: 300 * MIB,
      expectedBytes: 8 * MIB,
      maxParts: 20,
    })
    expect(aborted).toBe(1)
    expect(object?.parts).toEqual([...Array.from({ length: 4 }, () => 64 * MIB), 44 * MIB])
  })

  it('is refused when it outgrows that too', async () => {
    const upload = countedUpload({ bytes: 600 * MIB, expectedBytes: 8 * MIB, maxParts: 10 })
    await expect(upload).rejects.toMatchObject({
      stderr: expect.stringMatching(/grew beyond 603979776 bytes/),
    })
  })
})
