import { describe, expect, it } from '@jest/globals'
import { readdir, statfs } from 'node:fs/promises'
import { memoryRoom } from '../../src/memory-room.ts'

const reporter = { saveState: () => undefined }
const TMPFS = 0x01021994

describe('Room in memory', () => {
  it('is counted on only where a file can be written, and the trial leaves nothing behind', async () => {
    const found = await statfs('/dev/shm').catch(() => undefined)
    const room = await memoryRoom(1_000, reporter)
    // A machine may be as bare as that.
    if (found?.type === TMPFS && room !== undefined) {
      expect(room.bytes).toBeLessThanOrEqual(1_000)
      expect((await readdir('/dev/shm')).filter((file) => file.startsWith('lifeboat-trial-'))).toEqual([])
    } else expect(room).toBeUndefined()
  })

  it('is none where the file system in memory takes no file', async () => {
    // `/sys/fs/cgroup` and `/proc` are other kinds; a folder of a tmpfs that is not there cannot be written either.
    for (const folder of ['/proc', '/no/such/folder']) {
      expect(await memoryRoom(1_000, reporter, folder)).toBeUndefined()
    }
  })
})
