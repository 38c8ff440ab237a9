import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openDirectoryStore } from '../../src/storage/directory.ts'
import { beginUpload, unfinishedPath } from '../../src/storage/directory/paths.ts'
import { describeObjectStore } from './object-store.ts'

describeObjectStore('a directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lifeboat-directory-'))
  return {
    open: (journal) => openDirectoryStore({ directory, ...(journal ? { journal } : {}) }),
    async abandon(key) {
      const path = unfinishedPath(directory, beginUpload(key, new Date(), '0123abcd'))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, 'half of it')
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
})
