import { describe, expect, it } from '@jest/globals'
import { countedUpload } from '../support/counted-upload.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3
/** What the process takes besides its parts: 100 MB compiled, 40 more here, where node strips types itself. */
const BASE = 150e6

describe('Memory of an upload', () => {
  it('is four parts of 8 MiB, and flat in the size of the object', async () => {
    const [one, three] = [
      await countedUpload({ bytes: 1 * GIB, expectedBytes: 4 * GIB }),
      await countedUpload({ bytes: 3 * GIB, expectedBytes: 4 * GIB }),
    ]
    expect(three.object?.parts).toEqual(Array.from({ length: 384 }, () => 8 * MIB))
    expect(three.peakRss).toBeLessThan(BASE + 4 * 8 * MIB)
    expect(three.peakRss).toBeLessThan(one.peakRss * 1.2)
  })

  it('is two parts of 64 MiB for a database of 150 GB', async () => {
    const { object, peakRss } = await countedUpload({ bytes: 1.5 * GIB + 1, expectedBytes: 600e9 })
    expect(object?.parts).toEqual([...Array.from({ length: 24 }, () => 64 * MIB), 1])
    expect(peakRss).toBeLessThan(BASE + 2 * 64 * MIB)
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
