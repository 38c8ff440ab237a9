import { describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../../../../src/storage/directory/make-folder.ts'

describe('makeFolder', () => {
  it('makes every missing folder for its owner only, and is content with one that is there', async () => {
    const top = await mkdtemp(join(tmpdir(), 'lifeboat-folder-'))
    const path = join(top, 'a', 'b', 'c')
    await makeFolder(path)
    await makeFolder(path)
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    await writeFile(join(top, 'file'), '')
    await expect(makeFolder(join(top, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolder(join(top, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
    await rm(top, { recursive: true })
  })

  it('returns where the system has no place for folders', async () => {
    await expect(makeFolder('/proc/none/of/these')).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
