import { describe, expect, it } from '@jest/globals'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readStoredSettings } from '../../../../src/meilisearch/reindex/stored-settings.ts'

const DUMP = resolve(import.meta.dirname, '../../../fixtures/meilisearch/server.dump')

describe('settings in a dump of search', () => {
  it('are found for every index, with the keys that were left out', async () => {
    const contents = {
      format: 1,
      way: 'server',
      keys: [],
      hidden: [],
      indexes: [
        {
          uid: 'with_key-2',
          primaryKey: 'k',
          documents: 0,
          bytes: 0,
          documentsDigest: '0'.repeat(64),
          settingsDigest: '0'.repeat(64),
          consistent: true,
          hiddenKeys: ['remote'],
        },
      ],
    }
    const found = await readStoredSettings(createReadStream(DUMP), Buffer.from(JSON.stringify(contents)))
    expect([...found.keys()].sort()).toEqual(['empty', 'new', 'pages', 'products', 'with_key-2'])
    expect(found.get('products')).toMatchObject({
      settings: { searchableAttributes: ['title', 'description', 'tags'] },
      hiddenKeys: [],
    })
    expect(found.get('with_key-2')).toMatchObject({
      settings: { embedders: { remote: { source: 'rest' } } },
      hiddenKeys: ['remote'],
    })
  })

  it('of a dump that is cut are none', async () => {
    const bytes = await readFile(DUMP)
    const cut = async function* (): AsyncGenerator<Uint8Array> {
      await Promise.resolve()
      yield bytes.subarray(0, bytes.length - 200)
    }
    await expect(readStoredSettings(cut(), undefined)).rejects.toThrow()
  })
})
