import { describe, expect, it } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Artifact } from '../../../src/catalog/manifest.ts'
import { fetchArtifact } from '../../../src/commands/fetch-artifact.ts'
import { fileBytes, openInto } from '../../../src/commands/open-artifact.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { runProgram } from '../../support/run-program.ts'
import { smallDisk } from '../../support/small-disk.ts'

const MIB = 2 ** 20
const { signal } = new AbortController()
const FULL = {
  code: 'platform',
  message: expect.stringMatching(/The disk is full: .*archive could not be written/),
  hint: expect.stringMatching(/larger disk/),
}

describe('A disk that is full', () => {
  it('is named, when an object is fetched', async () => {
    await using disk = await smallDisk(2 * MIB)
    const bytes = randomBytes(4 * MIB)
    const store = {
      head: (key: string) => Promise.resolve({ key, size: bytes.length, lastModified: new Date(0) }),
      list: (key: string) => Readable.from([{ key, size: bytes.length, lastModified: new Date(0) }]),
      read: (_: string, range?: { start: number; end: number }) =>
        Readable.from([bytes.subarray(range?.start, range?.end)]),
    }
    const fetching = fetchArtifact(store, {
      folder: 'db/shop/',
      artifact: artifact({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }),
      path: join(disk.folder, 'archive'),
      signal,
      log: recordingLog(),
    })
    await expect(fetching).rejects.toMatchObject(FULL)
  })

  it.each(['zstd', 'xz', 'none'] as const)(
    'is named, when an archive of %s is unpacked',
    async (compression) => {
      await using disk = await smallDisk(2 * MIB)
      await using large = await smallDisk(16 * MIB)
      const stored = join(large.folder, 'stored')
      const compress = { zstd: 'zstd -q -c', xz: 'xz -0 -c', none: 'cat' }[compression]
      await runProgram('sh', ['-c', `yes lifeboat | head -c ${4 * MIB} | ${compress} > ${stored}`])
      const opening = openInto(
        join(disk.folder, 'archive'),
        artifact({ plainBytes: 4 * MIB, compression }),
        fileBytes(stored),
        { identities: [], signal, stallMs: 60_000 },
      )
      await expect(opening).rejects.toMatchObject(FULL)
    },
  )
})

function artifact(facts: Partial<Artifact>): Artifact {
  const file = 'shop.dump'
  return {
    role: 'dump',
    file,
    bytes: 0,
    sha256: '',
    plainBytes: 0,
    compression: 'none',
    recipients: [],
    ...facts,
  }
}
