import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openDirectoryStore } from '../../src/storage/directory.ts'
import { beginUpload, unfinishedPath } from '../../src/storage/directory/paths.ts'
import { describePrunableStore } from './prunable-store.ts'

describePrunableStore('a directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lifeboat-prunable-'))
  return {
    open: () => openDirectoryStore({ directory }),
    async abandon(key) {
      const path = unfinishedPath(directory, beginUpload(key, new Date(0), '0123abcd'))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, 'half of it')
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  }
})
